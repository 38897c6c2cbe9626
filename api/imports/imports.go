// Package imports takes files in: preview, import, report and undo. Uploads are
// spooled to private temporary files, never held in memory.
package imports

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"

	"vigie/api/auth"
	"vigie/api/web"
	"vigie/data"
	"vigie/data/ingest"
	"vigie/data/source"
)

// Limits of an upload.
const (
	MaxUpload  = 1 << 30 // bytes, all files of a request together
	timeout    = 15 * time.Minute
	concurrent = 2
	// received bounds the uploads that may be on disk at the same time.
	received = 8
	// stalled is how long a client may send nothing.
	stalled      = 30 * time.Second
	defaultLimit = 100
	maxLimit     = 10000
)

// inputLimits bound what an uploaded file may unpack to.
func inputLimits() source.Limits {
	return source.Limits{MaxBytes: 4 << 30, MaxRatio: source.DefaultMaxRatio, MaxMembers: source.DefaultMaxMembers}
}

// Store is what the service reads of past imports.
type Store interface {
	Imports(ctx context.Context, by data.Viewer, limit int) ([]data.Import, error)
	Import(ctx context.Context, by data.Viewer, id string) (*data.Import, error)
}

// Service imports files.
type Service struct {
	ingest *ingest.Service
	store  Store
	// tempDir is where uploads are spooled; empty is the system's.
	tempDir string
	// running bounds the imports at work at the same time: each may hold the
	// records of a whole file.
	running chan struct{}
	// receiving bounds the uploads at work or under way.
	receiving chan struct{}
	stalled   time.Duration
}

// New makes the service. tempDir is where uploads are spooled, empty for the
// system's folder.
func New(in *ingest.Service, store Store, tempDir string) *Service {
	return &Service{
		ingest: in, store: store, tempDir: tempDir, stalled: stalled,
		running: make(chan struct{}, concurrent), receiving: make(chan struct{}, received),
	}
}

// Routes are the service's rows of the route table.
func (s *Service) Routes() []web.Route {
	report := func(op *openapi3.Operation, status int, tr web.Tr) *openapi3.Operation {
		return web.Answers(op, status, tr("Compte rendu de l’import", "Report of the import"), web.TypeJSON, web.Named("Import", openapi3.NewObjectSchema()))
	}
	id := func(tr web.Tr) *openapi3.ParameterRef {
		return web.PathID("id", tr("Identifiant de l’import", "Identifier of the import"))
	}
	access := web.Needs(data.RightImport)
	return []web.Route{
		{Method: http.MethodGet, Path: "/imports", Access: access, Handler: s.list, Operation: func(tr web.Tr) *openapi3.Operation {
			limit := web.Query("limit", tr("Nombre d’imports", "Number of imports"),
				openapi3.NewIntegerSchema().WithMin(1).WithMax(maxLimit).WithDefault(defaultLimit))
			op := web.Op("getImports", "imports", tr("Imports passés, du plus récent au plus ancien", "Past imports, newest first"), web.Own(limit))
			return web.Answers(op, 200, tr("Imports", "Imports"), web.TypeJSON, web.Inline(openapi3.NewObjectSchema()))
		}},
		{Method: http.MethodGet, Path: "/imports/{id}", Access: access, Handler: s.one, Operation: func(tr web.Tr) *openapi3.Operation {
			return report(web.Op("getImport", "imports", tr("Un import", "One import"), id(tr)), 200, tr)
		}},
		{
			Method: http.MethodPost, Path: "/imports", Access: access, Handler: s.create, Streamed: true, MaxBody: MaxUpload, Timeout: timeout,
			Operation: func(tr web.Tr) *openapi3.Operation {
				op := web.Op("createImport", "imports", tr("Importer un fichier, ou en voir l’effet sans rien écrire", "Import a file, or preview its effect"))
				web.Takes(op, web.Named("ImportForm", formSchema(tr)), web.TypeMultipart)
				report(op, http.StatusCreated, tr)
				return report(op, http.StatusOK, tr)
			},
		},
		{Method: http.MethodPost, Path: "/imports/{id}/undo", Access: access, Handler: s.undo, Timeout: 2 * time.Minute, Operation: func(tr web.Tr) *openapi3.Operation {
			return report(web.Op("undoImport", "imports", tr("Annuler un import", "Undo an import"), id(tr)), 200, tr)
		}},
	}
}

func (s *Service) list(c *gin.Context) error {
	limit := defaultLimit
	if v := web.CallOf(c).Query.Get("limit"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil {
			return web.InvalidParameter("limit", v, "un nombre entier est attendu.", "a whole number is expected.")
		}
		limit = n
	}
	list, err := s.store.Imports(c.Request.Context(), auth.ViewerOf(c), limit)
	if err != nil {
		return err
	}
	if list == nil {
		list = []data.Import{}
	}
	return web.JSON(c, http.StatusOK, gin.H{"imports": list})
}

func (s *Service) one(c *gin.Context) error {
	found, err := s.store.Import(c.Request.Context(), auth.ViewerOf(c), c.Param("id"))
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, found)
}

func (s *Service) undo(c *gin.Context) error {
	undone, err := s.ingest.Undo(c.Request.Context(), auth.ViewerOf(c), c.Param("id"))
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, undone)
}

func (s *Service) create(c *gin.Context) error {
	select {
	case s.receiving <- struct{}{}:
		defer func() { <-s.receiving }()
	default:
		return busy()
	}
	up, err := s.receive(c)
	if err != nil {
		return err
	}
	defer up.close()
	// Only now: a client that sends slowly holds nobody else's import.
	ctx := c.Request.Context()
	select {
	case s.running <- struct{}{}:
		defer func() { <-s.running }()
	case <-ctx.Done():
		return ctx.Err()
	}
	request, err := up.request()
	if err != nil {
		return err
	}
	input, err := source.FromFiles(up.files, inputLimits())
	if err != nil {
		return err
	}
	// The temporary files are the upload's to close.
	defer func() { _ = input.Close() }()
	request.Input = input
	report, err := s.ingest.Import(ctx, auth.ViewerOf(c), request)
	if err != nil {
		return failure(report, err)
	}
	if report.DryRun {
		return web.JSON(c, http.StatusOK, report)
	}
	c.Header("Location", web.CallOf(c).URL("/imports/"+report.ID, nil))
	return web.JSON(c, http.StatusCreated, report)
}

// receive spools the form, and gives up on a client that stops sending. The
// deadline is the connection's, hence of the machine's own clock; not every
// connection has one (tests).
func (s *Service) receive(c *gin.Context) (*upload, error) {
	control := http.NewResponseController(c.Writer)
	c.Request.Body = &attentive{ReadCloser: c.Request.Body, before: func() {
		until := time.Now().Add(s.stalled)
		if end, ok := c.Request.Context().Deadline(); ok && end.Before(until) {
			until = end
		}
		_ = control.SetReadDeadline(until)
	}}
	up, err := receive(c.Request, s.tempDir)
	if err == nil {
		// net/http goes on reading, to learn that the client hangs up. After a failure
		// it reads what is left, and must not wait for it.
		_ = control.SetReadDeadline(time.Now().Add(timeout))
	}
	return up, err
}

// attentive calls before at each read.
type attentive struct {
	io.ReadCloser
	before func()
}

func (a *attentive) Read(p []byte) (int, error) {
	a.before()
	return a.ReadCloser.Read(p)
}

func busy() error {
	p := web.NewProblem(web.CodeUnavailable,
		"Trop d’imports sont en cours. Attendez la fin de l’un d’eux, puis recommencez.",
		"Too many imports are under way. Wait for one to end, then try again.")
	p.Header = http.Header{"Retry-After": {"30"}}
	return p
}

// failure is the problem of an import that was refused as a whole, with every
// finding up to there, or of one that is stored but not yet served.
func failure(report *data.Import, err error) error {
	var rejected *data.RejectedError
	switch {
	case report == nil:
		return err
	case !errors.As(err, &rejected):
		return &web.Problem{Code: web.CodeInternal, Cause: err, Detail: data.Text{
			FR: "Le fichier est importé (n°\u00a0" + report.ID + "), mais l’affichage n’a pas pu être mis à jour. Redémarrez Vigie.",
			EN: "The file is imported (no. " + report.ID + "), but what is shown could not be updated. Restart Vigie.",
		}}
	}
	problems := report.Problems
	if !slices.Contains(problems, rejected.Problem) {
		problems = append([]data.Problem{rejected.Problem}, problems...)
	}
	return &web.Problem{Code: web.CodeImportRejected, Detail: rejected.Problem.Message, Problems: problems}
}
