package siting

import (
	"bufio"
	"cmp"
	"crypto/rand"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"

	"vigie/api/auth"
	"vigie/api/web"
	"vigie/data"
	export "vigie/data/export/all"
	"vigie/data/siting"
)

// keptDays is after how many days a file of candidates must be destroyed.
const keptDays = 90

func (s *Service) answer(c *gin.Context) error {
	d, study, err := s.find(c, c.Param("id"))
	if err != nil {
		return err
	}
	found, err := s.siting.Answer(c.Request.Context(), auth.ViewerOf(c), d, study)
	if err != nil {
		return err
	}
	if as, ok := export.ByID(web.CallOf(c).Query.Get("f")); ok {
		return s.file(c, d, found, as)
	}
	if err := s.record(c, actionAnswer, d, len(found.Candidates)); err != nil {
		return err
	}
	existing := make([]string, len(found.Existing))
	for i := range found.Existing {
		existing[i] = found.Existing[i].ID
	}
	if err := s.gate.RecordRead(c, existing); err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, found)
}

// files adds the formats of files to the successful answer of an operation.
func files(op *openapi3.Operation) *openapi3.Operation {
	for _, f := range export.Formats() {
		mediaType, _, _ := strings.Cut(f.MediaType, ";")
		op.Responses.Status(200).Value.Content[mediaType] = openapi3.NewMediaType().WithSchema(openapi3.NewStringSchema().WithFormat("binary"))
	}
	return op
}

// file answers with the candidates as a file, which bears whose copy it is.
func (s *Service) file(c *gin.Context, d *data.Document, found *siting.Answer, as export.Format) error {
	now, viewer, mark := s.clock(), auth.ViewerOf(c), strings.ToLower(rand.Text()[:10])
	named := mime.FormatMediaType("attachment", map[string]string{"filename": "vigie-siting-" + now.UTC().Format(time.DateOnly) + as.Extension})
	options := export.Options{Clock: s.clock, Language: web.CallOf(c).Lang(), Provenance: &data.Provenance{
		Purpose: viewer.Purpose(), Recipient: viewer.Subject(), Expires: now.AddDate(0, 0, keptDays), GeneratedAt: now,
		Generator: "Vigie " + s.version, Mark: mark, ProfileHash: found.Method.Profile.Hash, Precision: data.ViewExact,
	}}
	if err := s.record(c, actionExport, d, len(found.Candidates), data.MarkPrefix+mark); err != nil {
		return err
	}
	c.Header("Content-Type", as.MediaType)
	c.Header("Content-Disposition", named)
	err := writeFile(c, found, as, options)
	if err != nil && !c.Writer.Written() {
		c.Writer.Header().Del("Content-Disposition") // what comes now is no file
	}
	return err
}

func writeFile(c *gin.Context, found *siting.Answer, as export.Format, options export.Options) error {
	out := bufio.NewWriterSize(c.Writer, 64<<10)
	writer, err := export.Writer(as.ID, out, found.Schema(), options)
	if err != nil {
		return err
	}
	defer writer.Abandon()
	for i := range found.Candidates {
		if err := c.Request.Context().Err(); err != nil {
			return err
		}
		if err := writer.Write(found.Feature(i, options.Language)); err != nil {
			return err
		}
	}
	if err := writer.Close(); err != nil {
		return err
	}
	return out.Flush()
}

func (s *Service) allocation(c *gin.Context) error {
	d, study, err := s.find(c, c.Param("id"))
	if err != nil {
		return err
	}
	found, err := s.siting.Allocate(c.Request.Context(), auth.ViewerOf(c), d, study)
	if err != nil {
		return err
	}
	if err := s.record(c, actionAllocation, d, len(found.Chosen)); err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, found)
}

func (s *Service) surface(c *gin.Context) error {
	query, viewer := web.CallOf(c).Query, auth.ViewerOf(c)
	code := query.Get("department")
	if !viewer.MayIn(data.RightStudy, code) {
		return data.ErrForbidden
	}
	cell, err := strconv.Atoi(cmp.Or(query.Get("cell"), strconv.Itoa(defaultCell)))
	if err != nil {
		return web.InvalidParameter("cell", query.Get("cell"), "un nombre entier est attendu.", "a whole number is expected.")
	}
	records := []string{"department." + code}
	var study *siting.Study
	if of := query.Get("study"); of != "" {
		var d *data.Document
		if d, study, err = s.find(c, of); err != nil {
			return err
		}
		if d.Department != code {
			return web.InvalidParameter("study", of, "cette étude est d’un autre département.", "this study is of another département.")
		}
		records = append(records, of)
	}
	found, err := s.siting.Surface(c.Request.Context(), viewer, code, cell, study)
	if err != nil {
		return err
	}
	if err := s.gate.Record(c, data.AuditEntry{Action: actionSurface, Records: records, Count: found.Homes}); err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, found)
}

func (s *Service) values(c *gin.Context) error {
	found, err := s.siting.Values(auth.ViewerOf(c), c.Param("token"))
	if err != nil {
		return err
	}
	if err := s.gate.Record(c, data.AuditEntry{Action: actionSurface, Records: []string{"department." + found.Department}, Count: found.Homes}); err != nil {
		return err
	}
	return web.Bytes(c, http.StatusOK, typeBinary, found.AppendValues(make([]byte, 0, found.Bytes())))
}
