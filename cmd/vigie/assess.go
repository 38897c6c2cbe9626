package main

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"vigie/data"
	"vigie/data/assess"
	formats "vigie/data/export"
	export "vigie/data/export/all"
	"vigie/data/ingest"
	"vigie/data/snapshot"
	"vigie/data/source"
	sources "vigie/data/source/all"
	"vigie/geo/score"
	"vigie/geo/zoneindex"
)

type assessCmd struct {
	readFlags
	profileFlag
	Sites       string    `required:"" help:"File of sites: GeoJSON, CSV, FINESS… / fichier de foyers." type:"path" placeholder:"FILE"`
	Zones       []string  `required:"" help:"File of zones, repeatable; KIND=FILE says the kind (qpv, qrr, zsp, custom) / fichiers de zones." placeholder:"[KIND=]FILE" sep:"none"`
	Places      []string  `help:"File of places (police, schools, hotels…), repeatable; FORMAT=FILE names the format / fichiers de lieux." placeholder:"[FORMAT=]FILE" sep:"none"`
	Statistics  []string  `help:"File of statistics of communes (SSMSI, Filosofi), repeatable; FORMAT:EDITION=FILE names the format and the edition / fichiers de statistiques." placeholder:"[FORMAT[:EDITION]=]FILE" sep:"none"`
	Score       bool      `help:"Also give the rest of the catalogue, and the score with its interval and rank / le reste du catalogue et le score."`
	Radii       []float64 `help:"Radii in metres / rayons en mètres." default:"500,1000,2000"`
	Out         string    `help:"Output file; its extension gives the format (.geojson, .csv, .gpkg, .xlsx, .parquet); GeoJSON on standard output when absent / fichier de sortie." type:"path" placeholder:"FILE"`
	Format      string    `help:"Output format: geojson, csv, csv-excel, gpkg, xlsx, parquet; from the extension of --out when absent / format de sortie." placeholder:"FORMAT"`
	SitesFormat string    `help:"Format of the sites' file; detected when absent / format du fichier de foyers." placeholder:"ID"`
	Categories  []string  `help:"FINESS categories to keep, instead of the child-protection residences." placeholder:"CODE"`
	Services    bool      `help:"Also keep child-protection services."`
	AllProblems bool      `help:"Print every problem / afficher tous les problèmes."`
}

// Run assesses a file of sites against files of zones.
func (c *assessCmd) Run(e *environment) error {
	if len(c.Radii) == 0 || len(c.Radii) > zoneindex.MaxRadii {
		return usageError{FR: "--radii\u00a0: de 1 à 8 rayons.", EN: "--radii: 1 to 8 radii."}
	}
	for _, r := range c.Radii {
		if !(r > 0 && r <= 100_000) {
			return usageError{FR: "--radii : en mètres, de 0 (exclu) à 100\u202f000.", EN: "--radii: in metres, above 0 and up to 100,000."}
		}
	}
	profile, err := c.scoreProfile()
	if err != nil {
		return err
	}
	siteOptions, err := c.options(data.LayerSites)
	if err != nil {
		return err
	}
	siteOptions.Services = c.Services
	if len(c.Categories) > 0 {
		siteOptions.Categories = c.Categories
	}
	sites, err := source.Open(c.Sites, source.Limits{})
	if err != nil {
		return err
	}
	defer sites.Close()
	request := assess.Request{Sites: sites, SitesFormat: c.SitesFormat, SiteOptions: siteOptions, Radii: c.Radii, Profile: profile}
	for _, spec := range c.Zones {
		kind, path := zoneSpec(spec)
		in, err := source.Open(path, source.Limits{})
		if err != nil {
			return err
		}
		defer in.Close()
		request.Zones = append(request.Zones, assess.File{Input: in, Options: source.Options{Kind: kind}})
	}
	for _, list := range []struct {
		specs []string
		files *[]assess.File
	}{{c.Places, &request.Places}, {c.Statistics, &request.Statistics}} {
		for _, spec := range list.specs {
			format, edition, path := formatSpec(spec)
			in, err := source.Open(path, source.Limits{})
			if err != nil {
				return err
			}
			defer in.Close()
			*list.files = append(*list.files, assess.File{Input: in, Format: format, Options: source.Options{Edition: edition}})
		}
	}
	format, err := outputFormat(c.Format, c.Out)
	if err != nil {
		return err
	}

	out, err := createOutput(c.Out, e.output)
	if err != nil {
		return err
	}
	defer out.discard()
	// Not dated: the same files give the same bytes.
	provenance := &data.Provenance{Precision: data.ViewExact, Generator: generator()}
	if profile != nil {
		provenance.ProfileHash = profile.Hash()
	}
	var writer formats.Writer
	request.NewWriter = func(schema *data.Schema) (data.FeatureWriter, error) {
		writer, err = export.Writer(format.ID, out.buffer, schema, export.Options{Provenance: provenance})
		return writer, err
	}
	defer func() {
		if writer != nil {
			writer.Abandon()
		}
	}()
	reading, read := e.progress(data.Text{FR: "évaluation", EN: "assessment"}, true)
	scoring, scored := e.progress(data.Text{FR: "score", EN: "score"}, false)
	request.Progress = reading
	request.Scored = func(done, total int64) {
		if done == 1 {
			read() // one bar at a time
		}
		scoring(done, total)
	}
	report, err := assess.Run(e.ctx, request)
	read()
	scored()
	for _, rep := range slices.Concat(report.Zones, report.Places, report.Statistics, []*ingest.Report{report.Sites}) {
		if rep != nil {
			e.printProblems(rep.Problems, rep.ProblemCounts, c.AllProblems)
		}
	}
	if err != nil {
		return exportError(err)
	}
	for _, line := range report.Summary(e.lang) {
		e.say(e.stderr, data.Text{FR: "%s", EN: "%s"}, line)
	}
	if report.NotCovered > 0 {
		e.say(e.stderr, data.Text{
			FR: "Attention\u00a0: les lieux chargés (police, écoles, hôpitaux…) ne couvrent pas le secteur de %d foyers sur %d\u00a0: ces distances y sont inconnues. Chargez les lieux de leurs départements.",
			EN: "Warning: the places that are loaded (police, schools, hospitals…) do not cover the area of %d of %d homes: these distances are unknown there. Load the places of their départements.",
		}, report.NotCovered, report.Assessed)
	}
	if profile != nil {
		e.printMethod(e.stderr, snapshot.ProfileRef{Name: profile.Name, Version: profile.Version, Hash: report.Scores.ProfileHash(), Seed: report.Scores.Seed(), Draws: report.Scores.Draws()})
		e.printAbsent(report.Absent)
	}
	return exportError(out.commit())
}

// scoreProfile is the profile to score with, nil when no score is asked for.
func (c *assessCmd) scoreProfile() (*score.Profile, error) {
	const most = zoneindex.MaxRadii - 3 // profiles rely on the default radii
	switch {
	case !c.Score && c.Profile != "" && c.Profile != os.Getenv("VIGIE_PROFILE"):
		return nil, usageError{FR: "--profile demande --score.", EN: "--profile needs --score."}
	case !c.Score:
		return nil, nil
	case len(c.Radii) > most:
		return nil, usageError{FR: "--radii\u00a0: 5 rayons au plus avec --score.", EN: "--radii: at most 5 radii with --score."}
	}
	return c.adopted()
}

// formatSpec splits "population:2022=file"; a path alone leaves all to be detected.
func formatSpec(spec string) (format, edition, path string) {
	if name, path, ok := strings.Cut(spec, "="); ok {
		format, edition, _ := strings.Cut(name, ":")
		if _, known := sources.ByID(format); known {
			return format, edition, path
		}
	}
	return "", "", spec
}

// zoneSpec splits "qpv=file"; a Windows drive or a plain path has no kind.
func zoneSpec(spec string) (data.ZoneKind, string) {
	if kind, path, ok := strings.Cut(spec, "="); ok && data.ZoneKind(kind).Valid() {
		return data.ZoneKind(kind), path
	}
	return "", spec
}

// outputFormat is the format of that name, or else the one that the extension of the file
// says: GeoJSON on standard output.
func outputFormat(name, path string) (export.Format, error) {
	if format, ok := export.ByID(name); ok {
		return format, nil
	}
	extension := strings.ToLower(filepath.Ext(path))
	if path == "" || path == "-" || extension == ".json" {
		extension = export.Formats()[0].Extension
	}
	for _, f := range export.Formats() {
		if name == "" && f.Extension == extension {
			return f, nil
		}
	}
	if name == "" {
		name = extension
	}
	list := strings.Join(export.IDs(), ", ")
	return export.Format{}, usageError{FR: "format inconnu\u00a0: «\u00a0" + name + "\u00a0» (" + list + ").", EN: "unknown format “" + name + "” (" + list + ")."}
}

// exportError says what a person can do about a file that was not made.
func exportError(err error) error {
	if full, ok := errors.AsType[*formats.FullError](err); ok {
		return usageError(full.Text())
	}
	if file, ok := errors.AsType[*fs.PathError](err); ok && errors.Is(file, syscall.ENOSPC) {
		dir := filepath.Dir(file.Path) // of a temporary file, whose name means nothing to a user
		return failure{
			FR: dir + "\u00a0: le disque est plein\u00a0; aucun fichier n’a été écrit.",
			EN: dir + ": the disk is full; no file was written.",
		}
	}
	return err
}

// generator names this program in the files that it makes.
func generator() string { return "Vigie " + version }

// output is a file that appears whole or not at all.
type output struct {
	buffer *bufio.Writer
	file   *os.File // nil for standard output and devices
	device *os.File // nil but for devices and pipes
	path   string
}

func createOutput(path string, stdout io.Writer) (*output, error) {
	if path == "" || path == "-" {
		return &output{buffer: bufio.NewWriterSize(stdout, 1<<16)}, nil
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, usageError{FR: path + " : c’est un dossier ; donnez un fichier à écrire.", EN: path + ": this is a folder; give a file to write."}
	} else if err == nil && !info.Mode().IsRegular() {
		// A device or a pipe is written to, never replaced.
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return nil, err
		}
		return &output{buffer: bufio.NewWriterSize(f, 1<<16), device: f}, nil
	}
	// Beside the target, so that the rename is atomic; CreateTemp gives mode 0600.
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		var file *fs.PathError
		if errors.As(err, &file) {
			file.Path = filepath.Dir(path) // the temporary name means nothing to a user
		}
		return nil, err
	}
	return &output{buffer: bufio.NewWriterSize(f, 1<<18), file: f, path: path}, nil
}

func (o *output) commit() error {
	if err := o.buffer.Flush(); err != nil {
		return err
	}
	if o.device != nil {
		return o.device.Close()
	}
	if o.file == nil {
		return nil
	}
	if err := o.file.Close(); err != nil {
		return err
	}
	if err := os.Rename(o.file.Name(), o.path); err != nil {
		return err
	}
	o.file = nil
	return nil
}

// discard removes what was written when commit was not reached.
func (o *output) discard() {
	if o != nil && o.file != nil {
		o.file.Close()
		os.Remove(o.file.Name())
		o.file = nil
	}
}
