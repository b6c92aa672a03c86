package compile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// ReadOrder reads an order file of ICD-10-CM or ICD-10-PCS as CMS publishes it:
// columns 1-5 order number, 7-13 code, 15 "1" if valid for submission, 17-76
// short title, 78 on long title.
func ReadOrder(r io.Reader) ([]CodeRow, error) {
	var rows []CodeRow
	err := eachLine(r, func(n int, line string) error {
		if len(line) < 78 {
			return fmt.Errorf("line %d: %d columns, an order file has at least 78", n, len(line))
		}
		code := strings.TrimSpace(line[6:13])
		if len(code) < 3 || line[5] != ' ' || line[13] != ' ' || line[14] != '0' && line[14] != '1' {
			return fmt.Errorf("line %d: not a line of an order file", n)
		}
		row := CodeRow{Code: strings.ToUpper(code), Title: strings.TrimSpace(line[77:])}
		if line[14] == '1' {
			row.Flags = Billable
		}
		rows = append(rows, row)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, errors.New("an order file without codes")
	}
	return rows, nil
}

// ReadPOAExempt reads the list of codes exempt from present-on-admission
// reporting: tab-separated, number, code, title, one line of headings.
func ReadPOAExempt(r io.Reader) ([]string, error) {
	var codes []string
	err := eachLine(r, func(n int, line string) error {
		fields := strings.Split(line, "\t")
		if len(fields) < 2 {
			return fmt.Errorf("line %d: no tab", n)
		}
		code := strings.ReplaceAll(strings.TrimSpace(fields[1]), ".", "")
		if n == 1 && !looksLikeCM(code) {
			return nil
		}
		if !looksLikeCM(code) {
			return fmt.Errorf("line %d: %q is no code of ICD-10-CM", n, code)
		}
		codes = append(codes, code)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(codes) == 0 {
		return nil, errors.New("a list without codes")
	}
	return codes, nil
}

// ReadHCPCS reads a list of HCPCS level II codes, one a line, with a title
// after a tab if there is one.
func ReadHCPCS(r io.Reader) ([]CodeRow, error) {
	var rows []CodeRow
	err := eachLine(r, func(n int, line string) error {
		code, title, _ := strings.Cut(line, "\t")
		code = strings.ToUpper(strings.TrimSpace(code))
		if !looksLikeHCPCS(code) {
			return fmt.Errorf("line %d: %q is no HCPCS level II code", n, code)
		}
		rows = append(rows, CodeRow{Code: code, Title: title, Flags: Billable})
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, errors.New("a list without codes")
	}
	return rows, nil
}

// eachLine calls do with every line that is not blank, numbered from 1. Lines
// longer than 4 kB are an error.
func eachLine(r io.Reader, do func(n int, line string) error) error {
	sc := bufio.NewScanner(&boundedReader{r: r, left: MaxExpanded})
	sc.Buffer(make([]byte, 0, 4096), 4096)
	n := 0
	for sc.Scan() {
		n++
		line := strings.TrimRight(sc.Text(), "\r ")
		if n == 1 {
			line = strings.TrimPrefix(line, "\ufeff")
		}
		if strings.TrimSpace(line) == "" {
			continue
		}
		if !utf8.ValidString(line) {
			line = fromLatin1(line)
		}
		if err := do(n, line); err != nil {
			return err
		}
	}
	if err := sc.Err(); err != nil {
		return fmt.Errorf("line %d: %w", n+1, err)
	}
	return nil
}

// fromLatin1 reads a line as ISO 8859-1, in which older files are written.
func fromLatin1(line string) string {
	var b strings.Builder
	for i := 0; i < len(line); i++ {
		b.WriteRune(rune(line[i]))
	}
	return b.String()
}

// looksLikeCM reports whether a code has the shape of ICD-10-CM: a letter and
// two to six characters more. (Since FY2026 the second may be a letter: QA0.)
func looksLikeCM(code string) bool {
	if len(code) < 3 || len(code) > 7 || code[0] < 'A' || code[0] > 'Z' {
		return false
	}
	for i := 1; i < len(code); i++ {
		if !isAlnum(code[i]) {
			return false
		}
	}
	return true
}

func looksLikeHCPCS(code string) bool {
	if len(code) != 5 || code[0] < 'A' || code[0] > 'V' {
		return false
	}
	for i := 1; i < 5; i++ {
		if code[i] < '0' || code[i] > '9' {
			return false
		}
	}
	return true
}

func isAlnum(c byte) bool { return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' }
