package siting

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"vigie/api/web"
	"vigie/data"
	"vigie/data/siting"
	"vigie/data/source"
)

const (
	fileField = "file"
	maxFiles  = 20
)

// receive reads the files of a form into memory, which the route bounds.
func receive(c *gin.Context) (*source.Input, error) {
	form, err := c.Request.MultipartReader()
	if err != nil {
		return nil, web.BadBody(err)
	}
	var files []source.NamedReaderAt
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, badForm(err)
		}
		if part.FormName() != fileField || part.FileName() == "" || len(files) == maxFiles {
			return nil, web.NewProblem(web.CodeInvalidRecord, "De un à vingt fichiers «\u00a0file\u00a0» sont attendus.", "One to twenty files “file” are expected.")
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return nil, badForm(err)
		}
		files = append(files, source.NamedReaderAt{Name: part.FileName(), Size: int64(len(content)), ReaderAt: bytes.NewReader(content)})
	}
	if files == nil {
		return nil, web.NewProblem(web.CodeInvalidRecord, "De un à vingt fichiers «\u00a0file\u00a0» sont attendus.", "One to twenty files “file” are expected.")
	}
	return source.FromFiles(files, source.Limits{MaxBytes: 16 * maxUpload})
}

func badForm(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return err
	}
	return web.BadBody(err)
}

// upload reads a file into a study. read changes the study and tells what was found.
func (s *Service) upload(c *gin.Context, read func(in *source.Input, study *siting.Study) (*siting.FileReport, error)) error {
	preview := web.CallOf(c).Query.Get("dry_run") == "true"
	d, study, err := s.edit(c, preview)
	if err != nil {
		return err
	}
	in, err := receive(c)
	if err != nil {
		return err
	}
	defer in.Close()
	report, err := read(in, study)
	if err != nil {
		return err
	}
	if problems := study.Validate(); problems != nil {
		return &data.InvalidError{Problems: problems[:min(len(problems), data.MaxProblems)]}
	}
	if !preview {
		if err := s.put(c, d, study, actionChange); err != nil {
			return s.late(c, err)
		}
	}
	c.Header("ETag", entityTag(d.Version))
	return web.JSON(c, http.StatusOK, gin.H{
		"dry_run": preview, "version": d.Version, "counts": report.Counts, "problems": report.Problems,
		"candidates": len(study.Candidates), "exclusions": len(study.Exclusions),
	})
}

// addCandidates adds those of a file; one whose identifier the study has takes its place.
func (s *Service) addCandidates(c *gin.Context) error {
	return s.upload(c, func(in *source.Input, study *siting.Study) (*siting.FileReport, error) {
		candidates, report, err := siting.ReadCandidates(c.Request.Context(), in)
		if err != nil {
			return nil, err
		}
		at := map[string]int{}
		for i := range study.Candidates {
			at[study.Candidates[i].ID] = i
		}
		for _, candidate := range candidates {
			if i, ok := at[candidate.ID]; ok {
				study.Candidates[i] = candidate
				report.Counts.Updated++
			} else {
				study.Candidates = append(study.Candidates, candidate)
				report.Counts.Created++
			}
		}
		return report, nil
	})
}

func (s *Service) addExclusions(c *gin.Context) error {
	return s.upload(c, func(in *source.Input, study *siting.Study) (*siting.FileReport, error) {
		areas, report, err := siting.ReadExclusions(c.Request.Context(), in, study.Exclusions)
		if err != nil {
			return nil, err
		}
		report.Counts.Created = len(areas)
		study.Exclusions = slices.Concat(study.Exclusions, areas)
		return report, nil
	})
}
