package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"

	"vigie/data"
)

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// printProblem writes one located line: "file:line:column (record): error: message [value]".
func (e *environment) printProblem(p data.Problem) {
	e.printed[p] = true
	var b strings.Builder
	if at := p.Location(); at != "" {
		b.WriteString(at + ": ")
	}
	b.WriteString(severityName(p.Severity).In(e.lang) + ": " + p.Message.In(e.lang))
	if p.Value != "" && !strings.Contains(p.Message.In(e.lang), p.Value) {
		if p.Field != "" {
			b.WriteString(" [" + p.Field + ": " + p.Value + "]")
		} else {
			b.WriteString(" [" + p.Value + "]")
		}
	}
	b.WriteString(" {" + p.Code + "}")
	fmt.Fprintln(e.stderr, b.String())
}

func severityName(s data.Severity) data.Text {
	switch s {
	case data.SeverityError:
		return data.Text{FR: "erreur", EN: "error"}
	case data.SeverityWarning:
		return data.Text{FR: "avertissement", EN: "warning"}
	}
	return data.Text{FR: "information", EN: "information"}
}

// printProblems writes every error, and the first few of each other code, then
// how many there are of each.
func (e *environment) printProblems(problems []data.Problem, counts map[string]int, all bool) {
	const shown = 5
	printed := map[string]int{}
	for _, p := range problems {
		if p.Severity != data.SeverityError && !all && printed[p.Code] >= shown {
			continue
		}
		printed[p.Code]++
		e.printProblem(p)
	}
	codes := make([]string, 0, len(counts))
	for code := range counts {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	for _, code := range codes {
		if n := counts[code]; n > printed[code] {
			e.say(e.stderr, data.Text{
				FR: "… et %d autres « %s » (tout voir : --all-problems ou --report FICHIER)",
				EN: "… and %d more “%s” (see all: --all-problems or --report FILE)",
			}, n-printed[code], code)
		}
	}
}

// progress draws a bar on a terminal, and otherwise a plain line every few seconds; of
// bytes, or of things.
func (e *environment) progress(title data.Text, bytes bool) (report func(done, total int64), finish func()) {
	if e.terminal {
		var bar *progressbar.ProgressBar
		return func(done, total int64) {
				if bar == nil {
					bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(e.bar), progressbar.OptionSetDescription(title.In(e.lang)),
						progressbar.OptionShowBytes(bytes), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
				}
				_ = bar.Set64(min(done, total))
			}, func() {
				if bar != nil {
					_ = bar.Finish()
				}
			}
	}
	last := time.Now()
	return func(done, total int64) {
		if total > 0 && time.Since(last) > 2*time.Second {
			last = time.Now()
			fmt.Fprintf(e.stderr, "%s: %d %%\n", title.In(e.lang), done*100/total)
		}
	}, func() {}
}
