package ogc

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"

	"vigie/api/auth"
	"vigie/api/web"
	"vigie/data"
	formats "vigie/data/export"
	export "vigie/data/export/all"
	"vigie/data/snapshot"
	"vigie/geo/crs"
)

// fileTimeout is how long a file may take to be made and read; finding what is in it is
// bounded like every answer.
const fileTimeout = 2 * time.Minute

// keptDays is after how many days a file of homes must be destroyed.
const keptDays = 90

// fileFormats are the formats of files: those of exports but GeoJSON, which comes in pages.
func fileFormats() []export.Format {
	return slices.DeleteFunc(export.Formats(), func(f export.Format) bool { return f.ID == formatGeoJSON })
}

// files adds the formats of files to the successful answer of an operation.
func files(op *openapi3.Operation) *openapi3.Operation {
	for _, f := range fileFormats() {
		mediaType, _, _ := strings.Cut(f.MediaType, ";")
		op.Responses.Status(200).Value.Content[mediaType] = openapi3.NewMediaType().WithSchema(openapi3.NewStringSchema().WithFormat("binary"))
	}
	return op
}

// file answers with what is asked as a file.
func (s *Service) file(c *gin.Context, cl collection, v view, asked request, as export.Format) error {
	if asked.in != crs.CRS84 {
		return web.InvalidParameter("crs", asked.in.URI(), "les fichiers sont en CRS84\u00a0; GeoJSON prend les autres systèmes.", "files are in CRS84; GeoJSON takes the other systems.")
	}
	named := func() {
		c.Header("Content-Type", as.MediaType)
		c.Header("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": s.fileName(cl, v, as)}))
	}
	// A private copy is made for someone, once: nothing to compare, nor to make for HEAD.
	if v.private {
		if c.Request.Method == http.MethodHead {
			named()
			return nil
		}
	} else if s.notModified(c, v, as.ID, web.CallOf(c).Lang()) {
		return nil
	}
	if auth.UserOf(c) == nil {
		done, err := s.files.take(c.Request.Context())
		if err != nil {
			return err
		}
		defer done()
	}
	found, err := s.find(c, v, asked)
	if err != nil {
		return err
	}
	// Before a grant is spent.
	if err := as.Fits(found.Returned); err != nil {
		return fileProblem(as, err)
	}
	if v.exact {
		if err := s.useGrant(c, asked); err != nil {
			return err
		}
	}
	options, err := s.mark(c, v, asked, &found)
	if err != nil {
		return err
	}
	setCounts(c, asked, &found)
	setLinks(c, pageLinks(c, cl, &found))
	named()
	err = writeFile(c.Request.Context(), c.Writer, asked, &found, as, options)
	if err != nil && !c.Writer.Written() {
		c.Writer.Header().Del("Content-Disposition") // what comes now is no file
	}
	return fileProblem(as, err)
}

// fileProblem says what a person can do about a file that was not made.
func fileProblem(as export.Format, err error) error {
	if full, ok := errors.AsType[*formats.FullError](err); ok {
		return web.InvalidParameter("f", as.ID, full.Text().FR, full.Text().EN)
	}
	if path, ok := errors.AsType[*fs.PathError](err); ok && errors.Is(path, syscall.ENOSPC) {
		p := web.NewProblem(web.CodeUnavailable,
			"Le disque où se prépare ce fichier est plein ; réessayez plus tard, ou prenez un autre format que GeoPackage.",
			"The disk where this file is made is full; try again later, or take another format than GeoPackage.")
		p.Cause = err
		return p
	}
	return err
}

func (s *Service) fileName(cl collection, v view, as export.Format) string {
	name := "vigie-" + cl.id
	if cl.masks() && !v.exact {
		name += "-" + masked
	}
	return name + "-" + s.clock().UTC().Format(time.DateOnly) + as.Extension
}

// mark notes in the journal what is about to leave, and gives what is to be written in the
// file: whose copy it is, where it holds what is not for everyone.
func (s *Service) mark(c *gin.Context, v view, asked request, found *snapshot.Page) (export.Options, error) {
	options := export.Options{TempDir: s.tempDir, Clock: s.clock, Language: web.CallOf(c).Lang()}
	if !v.private {
		return options, nil
	}
	now, viewer, mark := s.clock(), auth.ViewerOf(c), strings.ToLower(rand.Text()[:10])
	options.Provenance = &data.Provenance{
		Purpose: viewer.Purpose(), Recipient: viewer.Subject(), Expires: now.AddDate(0, 0, keptDays), GeneratedAt: now, Generator: "Vigie " + s.version, Mark: mark,
	}
	if v.Schema().Layer == data.LayerSites {
		options.Provenance.ProfileHash, options.Provenance.Precision = v.of.ProfileHash(), data.ViewExact
		if !v.exact {
			options.Provenance.Precision = data.ViewMasked
			options.Provenance.Release, _ = v.of.Released()
		}
	}
	entry := v.readPage(asked, found)
	entry.Action = data.ActionExport
	// A copy that strays is found in the journal by its mark.
	entry.Records = append(entry.Records, data.MarkPrefix+mark)
	return options, s.gate.Record(c, entry)
}

// useGrant uses up the viewer's grant to let the register of what is asked leave exactly; the
// error says how to ask for one.
func (s *Service) useGrant(c *gin.Context, asked request) error {
	if site := c.GetHeader("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" {
		// A grant serves once: a link on another page must not spend it.
		return web.NewProblem(web.CodeCrossOrigin, "Demandez ce fichier depuis Vigie.", "Ask for this file from Vigie.")
	}
	user, now := auth.UserOf(c), s.clock()
	var scope data.Scope
	if code := asked.Equal["department_code"]; code != "" {
		scope.Departments = []string{code}
	} else {
		for _, a := range user.Assignments {
			if a.Holds(now) && auth.RoleViewer(a.Role).Precision() > data.ViewNone {
				scope.National = scope.National || a.Scope.National
				scope.Departments = append(scope.Departments, a.Scope.Departments...)
				scope.Sites = append(scope.Sites, a.Scope.Sites...)
			}
		}
	}
	_, err := data.UseRegisterExport(c.Request.Context(), s.store, auth.ViewerOf(c), user.ID, scope, s.gate.Entry(c, data.ActionGrantUsed))
	if !errors.Is(err, data.ErrForbidden) {
		return err
	}
	if err := s.gate.Record(c, data.AuditEntry{Action: auth.ActionRefused, Records: []string{"export.sites"}, Count: 1}); err != nil {
		return err
	}
	return web.NewProblem(web.CodeForbidden,
		"Un fichier de positions exactes demande l’accord d’une deuxième personne, valable une fois\u00a0: demandez un «\u00a0export du registre\u00a0» pour ce ressort (POST /api/grants, «\u00a0register_export\u00a0»), ou un seul département avec «\u00a0department_code\u00a0». La vue masquée (precision=masked) n’en demande pas.",
		"A file of exact positions needs the approval of a second person, good for one file: ask for a “register export” of this scope (POST /api/grants, “register_export”), or for one département with “department_code”. The masked view (precision=masked) needs none.")
}

// setCounts gives the headers of an answer in features.
func setCounts(c *gin.Context, asked request, found *snapshot.Page) {
	c.Header("OGC-NumberMatched", strconv.Itoa(found.Matched))
	c.Header("OGC-NumberReturned", strconv.Itoa(found.Returned))
	setSystem(c, asked.in)
}

// writeFile writes a page's features in a format, holding few of them at a time.
func writeFile(ctx context.Context, w io.Writer, asked request, found *snapshot.Page, as export.Format, options export.Options) error {
	out := bufio.NewWriterSize(whileAwaited{ctx, w}, 64<<10)
	writer, err := export.Writer(as.ID, out, asked.schema, options)
	if err != nil {
		return err
	}
	defer writer.Abandon()
	err = found.Each(func(f *data.Feature) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return writer.Write(asked.of(f))
	})
	if err != nil {
		return err
	}
	if err := writer.Close(); err != nil {
		return err
	}
	return out.Flush()
}

// whileAwaited writes until ctx ends: what is cut short is never ended as if it were whole.
type whileAwaited struct {
	ctx context.Context
	w   io.Writer
}

func (w whileAwaited) Write(b []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.w.Write(b)
}
