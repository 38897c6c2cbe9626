// Package siting holds siting studies and answers them: where a new home should go.
package siting

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/graph/path"
	"gonum.org/v1/gonum/graph/simple"

	"vigie/data"
	"vigie/geo/siting/allocation"
)

// maxORLibraryVertices bounds a graph: distances between all pairs are kept.
const maxORLibraryVertices = 5000

// ReadORLibrary reads a p-median of the OR-Library (J. E. Beasley, 1985): the numbers of
// vertices, of edges and of medians, then a line "i j length" for each edge, of which the
// last one given for a pair counts. Each vertex is a place of need of weight 1 and a
// candidate; distances are shortest paths. The error is a *data.InvalidError with the line
// and the column of what is wrong.
func ReadORLibrary(r io.Reader) (need allocation.Need, medians int, err error) {
	s := orLibrary{lines: bufio.NewScanner(r)}
	n := s.integer("n", 1, maxORLibraryVertices)
	edges := s.integer("edges", 0, maxORLibraryVertices*maxORLibraryVertices)
	medians = s.integer("p", 1, max(n, 1))
	graph := simple.NewWeightedUndirectedGraph(0, math.Inf(1))
	for i := range n {
		graph.AddNode(simple.Node(i))
	}
	for range edges {
		from, to, length := s.integer("i", 1, n), s.integer("j", 1, n), s.integer("length", 0, math.MaxInt32)
		if s.err != nil {
			break
		}
		if from != to {
			graph.SetWeightedEdge(simple.WeightedEdge{F: simple.Node(from - 1), T: simple.Node(to - 1), W: float64(length)})
		}
	}
	s.end()
	if s.err != nil {
		return allocation.Need{}, 0, s.err
	}
	between := path.DijkstraAllPaths(graph)
	need = allocation.Need{Weights: slices.Repeat([]float64{1}, n), Distances: make([]float64, 0, n*n), Candidates: n}
	for i := range n {
		for j := range n {
			d := between.Weight(int64(i), int64(j))
			if math.IsInf(d, 1) {
				return allocation.Need{}, 0, orLibraryError(1, 1, "", data.Text{
					FR: fmt.Sprintf("aucun chemin entre les sommets %d et %d\u00a0; un graphe d’un seul tenant est attendu", i+1, j+1),
					EN: fmt.Sprintf("no path between the vertices %d and %d; a connected graph is expected", i+1, j+1),
				})
			}
			need.Distances = append(need.Distances, d)
		}
	}
	return need, medians, nil
}

// orLibrary reads numbers and knows where they are.
type orLibrary struct {
	lines  *bufio.Scanner
	text   string
	line   int
	column int // of what is left of the line, from 0
	err    error
}

// word is the next word of the file and its column, from 1; empty at the end.
func (s *orLibrary) word() (string, int) {
	for {
		rest := s.text[s.column:]
		if left := strings.TrimLeft(rest, " \t\r"); left != "" {
			s.column += len(rest) - len(left)
			column := s.column + 1
			word := left
			if end := strings.IndexAny(left, " \t\r"); end >= 0 {
				word = left[:end]
			}
			s.column += len(word)
			return word, column
		}
		if !s.lines.Scan() {
			return "", len(s.text) + 1
		}
		s.text, s.line, s.column = s.lines.Text(), s.line+1, 0
	}
}

// integer reads a number within [low, high]; after an error it reads nothing.
func (s *orLibrary) integer(name string, low, high int) int {
	if s.err != nil {
		return 0
	}
	word, column := s.word()
	n, err := strconv.Atoi(word)
	if err == nil && n >= low && n <= high {
		return n
	}
	s.fail(word, column, data.Text{
		FR: fmt.Sprintf("«\u00a0%s\u00a0» attendu\u00a0: un entier de %d à %d", name, low, high),
		EN: fmt.Sprintf("“%s” expected: an integer from %d to %d", name, low, high),
	})
	return 0
}

// end makes an error of what follows.
func (s *orLibrary) end() {
	if s.err != nil {
		return
	}
	if word, column := s.word(); word != "" {
		s.fail(word, column, data.Text{FR: "fin du fichier attendue", EN: "the end of the file is expected"})
	}
}

func (s *orLibrary) fail(value string, column int, message data.Text) {
	if s.err = s.lines.Err(); s.err == nil {
		s.err = orLibraryError(max(s.line, 1), column, value, message)
	}
}

func orLibraryError(line, column int, value string, message data.Text) error {
	return &data.InvalidError{Problems: []data.Problem{{
		Severity: data.SeverityError, Code: "invalid-orlib", Line: line, Column: column, Value: data.Clip(value), Message: message,
	}}}
}
