# make test sets up what the tests need and runs everything.
# Each target can be run by itself.

GO        ?= go
LINT      := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.PHONY: test build setup generate lint unit browser bench crash clean

test: setup lint unit

build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags='-s -w' -o chartroom ./cmd/chartroom

# PostgreSQL, Chromium, Node.js and tesseract from Debian's packages where run as root; a
# newcomer without them still runs all other tests.
setup:
	@scripts/setup.sh

# The Go of the pages is generated from *.templ and committed.
generate:
	$(GO) run github.com/a-h/templ/cmd/templ@v0.3.977 generate -path internal/ui

lint:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo 'not gofmt-ed:'; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	$(GO) run $(LINT) run

# All tests, with a throw-away PostgreSQL for the conformance suite.
unit:
	@scripts/with-postgres.sh $(GO) test -timeout 30m ./...

# The figures of docs/performance.md.
bench:
	@scripts/with-postgres.sh $(GO) test -run '^$$' -bench . -benchtime 3s ./...

# The long durability runs: 300 kills under load, and every cut of the power.
crash:
	@scripts/with-postgres.sh env CHARTROOM_CRASH_CYCLES=300 \
		$(GO) test -count=1 -timeout 30m -v ./internal/crashtest/... ./internal/gate/internal/store

clean:
	rm -rf chartroom .tmp test/browser/node_modules
