package ui

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
)

//go:embed static
var files embed.FS

// assets is the content of static/, the style sheets joined into app.css, with
// the hash of it all that stands in every address, so that a browser may keep
// each file for good.
type assets struct {
	version string
	content map[string][]byte
}

var loadAssets = sync.OnceValue(func() assets {
	a := assets{content: map[string][]byte{}}
	sum := sha256.New()
	var css bytes.Buffer
	err := fs.WalkDir(files, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := files.ReadFile(name)
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		sum.Write(data)
		if path.Ext(name) == ".css" {
			css.Write(data)
			return nil
		}
		a.content[strings.TrimPrefix(name, "static/")] = data
		return nil
	})
	if err != nil {
		// The files are compiled in; reading them cannot fail. An empty set
		// answers 404 rather than stopping the server.
		return a
	}
	a.content["app.css"] = css.Bytes()
	a.version = hex.EncodeToString(sum.Sum(nil))[:12]
	return a
})

// Asset returns the address of a file of static/: "app.css", "js/app.js".
func Asset(name string) string { return "/static/" + loadAssets().version + "/" + name }

var mediaTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// ServeAsset answers GET /static/{version}/{file...}.
func ServeAsset(w http.ResponseWriter, r *http.Request) {
	a := loadAssets()
	data, ok := a.content[r.PathValue("file")]
	if !ok || r.PathValue("version") != a.version {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", mediaTypes[path.Ext(r.PathValue("file"))])
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(data) // the client went away: nothing is left to do
}
