package main

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"vigie/data"
	"vigie/data/assess"
	export "vigie/data/export/all"
	"vigie/data/source"
	"vigie/geo/zoneindex"
)

type assessCmd struct {
	readFlags
	Sites       string    `required:"" help:"File of sites: GeoJSON, CSV, FINESS… / fichier de foyers." type:"path" placeholder:"FILE"`
	Zones       []string  `required:"" help:"File of zones, repeatable; KIND=FILE says the kind (qpv, qrr, zsp, custom) / fichiers de zones." placeholder:"[KIND=]FILE" sep:"none"`
	Radii       []float64 `help:"Radii in metres / rayons en mètres." default:"500,1000,2000"`
	Out         string    `help:"Output file; its extension gives the format (.geojson, .csv, .gpkg); standard output when absent." type:"path" placeholder:"FILE"`
	Format      string    `help:"Output format: geojson, csv, gpkg / format de sortie." placeholder:"FORMAT"`
	SitesFormat string    `help:"Format of the sites' file; detected when absent / format du fichier de foyers." placeholder:"ID"`
	Categories  []string  `help:"FINESS categories to keep, instead of the child-protection residences." placeholder:"CODE"`
	Services    bool      `help:"Also keep child-protection services."`
	AllProblems bool      `help:"Print every problem / afficher tous les problèmes."`
}

// Run assesses a file of sites against files of zones.
func (c *assessCmd) Run(e *environment) error {
	if len(c.Radii) == 0 || len(c.Radii) > zoneindex.MaxRadii {
		return usageError{FR: "--radii : de 1 à 8 rayons.", EN: "--radii: 1 to 8 radii."}
	}
	for _, r := range c.Radii {
		if !(r > 0 && r <= 100_000) {
			return usageError{FR: "--radii : en mètres, de 0 (exclu) à 100 000.", EN: "--radii: in metres, above 0 and up to 100,000."}
		}
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
	request := assess.Request{Sites: sites, SitesFormat: c.SitesFormat, SiteOptions: siteOptions, Radii: c.Radii}
	for _, spec := range c.Zones {
		kind, path := zoneSpec(spec)
		in, err := source.Open(path, source.Limits{})
		if err != nil {
			return err
		}
		defer in.Close()
		request.Zones = append(request.Zones, assess.Zones{Input: in, Options: source.Options{Layer: data.LayerZones, Kind: kind}})
	}
	format := c.Format
	if format == "" {
		format = strings.TrimPrefix(strings.ToLower(filepath.Ext(c.Out)), ".")
	}
	if format == "" || format == "json" {
		format = "geojson"
	}
	if _, ok := export.ByID(format); !ok {
		return usageError{FR: "format de sortie inconnu : " + format, EN: "unknown output format: " + format}
	}

	out, err := createOutput(c.Out, e.output)
	if err != nil {
		return err
	}
	defer out.discard()
	request.NewWriter = func(schema *data.Schema) (data.FeatureWriter, error) {
		return export.Writer(format, out.buffer, schema, export.Options{})
	}
	progress, finish := e.progress(data.Text{FR: "évaluation", EN: "assessment"})
	request.Progress = progress
	report, err := assess.Run(e.ctx, request)
	finish()
	for _, rep := range report.Zones {
		if rep != nil {
			e.printProblems(rep.Problems, rep.ProblemCounts, c.AllProblems)
		}
	}
	if report.Sites != nil {
		e.printProblems(report.Sites.Problems, report.Sites.ProblemCounts, c.AllProblems)
	}
	if err != nil {
		return err
	}
	for _, line := range report.Summary(e.lang) {
		e.say(e.stderr, data.Text{FR: "%s", EN: "%s"}, line)
	}
	return out.commit()
}

// zoneSpec splits "qpv=file"; a Windows drive or a plain path has no kind.
func zoneSpec(spec string) (data.ZoneKind, string) {
	if kind, path, ok := strings.Cut(spec, "="); ok && data.ZoneKind(kind).Valid() {
		return data.ZoneKind(kind), path
	}
	return "", spec
}

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
