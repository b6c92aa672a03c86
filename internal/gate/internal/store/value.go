package store

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"math"
	"strings"
	"time"
	"unicode/utf8"
)

var (
	errNUL   = errors.New("text holds a NUL character, which a database cannot keep as text")
	errUTF8  = errors.New("text is not valid UTF-8")
	errNaN   = errors.New("number is not a number (NaN)")
	errBool  = errors.New("booleans are kept as 0 or 1")
	errTime  = errors.New("times are kept as microseconds since 1970 (UnixMicro)")
	errValue = errors.New("only integers, floats, text, bytes and NULL can be kept")
)

// value gives an argument as the driver takes it. It refuses what the two
// engines would keep differently, or only one of them would keep at all.
func value(a any) (driver.Value, error) {
	switch v := a.(type) {
	case nil:
		return nil, nil //nolint:nilnil // NULL
	case int64:
		return v, nil
	case int:
		return int64(v), nil
	case string:
		return v, checkText(v)
	case []byte:
		if v == nil {
			return nil, nil //nolint:nilnil // NULL
		}
		return v, nil
	case float64:
		if math.IsNaN(v) {
			return nil, errNaN
		}
		return v, nil
	case bool, *bool, sql.NullBool:
		return nil, errBool
	case time.Time, *time.Time, sql.NullTime:
		return nil, errTime
	}
	v, err := driver.DefaultParameterConverter.ConvertValue(a)
	if err != nil {
		return nil, errors.Join(errValue, err)
	}
	switch v := v.(type) {
	case bool:
		return nil, errBool
	case time.Time:
		return nil, errTime
	case float64:
		if math.IsNaN(v) {
			return nil, errNaN
		}
	case string:
		return v, checkText(v)
	}
	return v, nil
}

func checkText(s string) error {
	if strings.IndexByte(s, 0) >= 0 {
		return errNUL
	}
	if !utf8.ValidString(s) {
		return errUTF8
	}
	return nil
}
