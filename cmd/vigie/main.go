// Command vigie tells, for every foyer, how exposed its location is. See
// `vigie --help` and the README.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"vigie/data"
)

// version is set at build time (-ldflags "-X main.version=…").
var version = "dev"

// cli is the command line: its names are a public contract.
type cli struct {
	Lang string `help:"Langue des messages / language of messages: fr, en." enum:"fr,en," default:"" env:"VIGIE_LANG"`

	Demo        demoCmd        `cmd:"" help:"Serve a fresh fictitious département / servir un département fictif."`
	Serve       serveCmd       `cmd:"" help:"Serve a database / servir une base."`
	Import      importCmd      `cmd:"" help:"Import sites, zones, places or areas from files, or undo an import / importer, ou annuler un import."`
	Imports     importsCmd     `cmd:"" help:"List the imports / lister les imports."`
	Editions    editionsCmd    `cmd:"" help:"List the editions of zones, or make one current / éditions de zones."`
	Assess      assessCmd      `cmd:"" help:"Files in, indicators out: no database, no server / évaluer sans base ni serveur."`
	Export      exportCmd      `cmd:"" help:"Export a layer of a database / exporter une couche."`
	Release     releaseCmd     `cmd:"" help:"Masked views of the homes / vues masquées des foyers."`
	Catalogue   catalogueCmd   `cmd:"" help:"Print the catalogue of indicators (docs/indicators.md) / catalogue des indicateurs."`
	Explain     explainCmd     `cmd:"" help:"Explain the exposure of one site / expliquer l'exposition d'un foyer."`
	Validate    validateCmd    `cmd:"" help:"Test the score on incidents later than its inputs / éprouver le score sur des incidents postérieurs."`
	Sensitivity sensitivityCmd `cmd:"" help:"Tell how much scores depend on the method's choices / sensibilité du score à la méthode."`
	Siting      sitingCmd      `cmd:"" help:"Where new homes should go / implantation."`
	Profile     profileCmd     `cmd:"" help:"Print the built-in score profile, or check one (--profile) / profil de score."`
	User        userCmd        `cmd:"" help:"Accounts: add, list, roles, recovery, erasure / comptes."`
	Token       tokenCmd       `cmd:"" help:"Tokens with which programs read for a person / jetons."`
	Audit       auditCmd       `cmd:"" help:"The journal: list, verify, sign, prune; what releases disclose / journal."`
	Backup      backupCmd      `cmd:"" help:"Copy the database, served or not, to a new file, and verify the copy / sauvegarder la base."`
	Check       checkCmd       `cmd:"" help:"Check the file of the database, its journal and its key / contrôler la base."`
	Stats       statsCmd       `cmd:"" help:"Public statistics: freeze an edition, list, show, export / statistiques publiques."`
	Health      healthCmd      `cmd:"" help:"Ask a running server whether it is ready / le serveur est-il prêt ?"`
	Version     versionCmd     `cmd:"" help:"Print the version / afficher la version."`
}

// environment is what commands need from the process.
type environment struct {
	ctx  context.Context
	lang string
	// stdout and stderr take messages: see printable.
	stdout io.Writer
	stderr io.Writer
	// output is standard output for the bytes of a file, bar standard error for the
	// progress bar, which commands the terminal.
	output, bar io.Writer
	// printed are the problems already shown, so that the one that refused a file is not shown twice.
	printed map[data.Problem]bool
	// terminal: stderr is one, so a progress bar may be drawn.
	terminal bool
}

// say prints a message in the user's language.
func (e *environment) say(w io.Writer, t data.Text, args ...any) {
	fmt.Fprintf(w, t.In(e.lang)+"\n", args...)
}

// Exit codes.
const (
	exitFailure  = 1
	exitUsage    = 2
	exitRejected = 3 // the input was refused; nothing was changed
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	// A second signal ends a process that does not heed the first.
	context.AfterFunc(ctx, stop)
	var c cli
	exit := -1
	parser, err := kong.New(&c, kong.Name("vigie"), kong.Writers(stdout, stderr), kong.Exit(func(code int) { exit = code }),
		kong.Description("Vigie: how exposed is the location of every foyer, why, how sure, and what to do."), kong.UsageOnError())
	if err != nil {
		fmt.Fprintln(stderr, err)
		return exitFailure
	}
	command, err := parser.Parse(args)
	if exit >= 0 {
		return exit // --help
	}
	if err != nil {
		hint := data.Text{FR: "L’aide : vigie --help", EN: "Help: vigie --help"}
		lang := language(cmp.Or(askedLanguage(args), os.Getenv("VIGIE_LANG")))
		fmt.Fprintf(printable{stderr}, "vigie: %s\n%s\n", usageMessage(err).In(lang), hint.In(lang))
		return exitUsage
	}
	env := &environment{
		ctx: ctx, lang: language(c.Lang), stdout: printable{stdout}, stderr: printable{stderr}, output: stdout, bar: stderr,
		terminal: isTerminal(stderr), printed: map[data.Problem]bool{},
	}
	if err := command.Run(env); err != nil {
		return env.fail(err)
	}
	return 0
}

// fail prints an error for a user and gives the exit code.
func (e *environment) fail(err error) int {
	var rejected *data.RejectedError
	var invalid *data.InvalidError
	var usage usageError
	switch {
	case errors.As(err, &rejected):
		if !e.printed[rejected.Problem] {
			e.printProblem(rejected.Problem)
		}
		e.say(e.stderr, data.Text{FR: "Refusé : rien n’a été modifié.", EN: "Refused: nothing was changed."})
		return exitRejected
	case errors.As(err, &invalid):
		for _, p := range invalid.Problems {
			e.printProblem(p)
		}
		return exitRejected
	case errors.As(err, &usage):
		fmt.Fprintln(e.stderr, "vigie: "+data.Text(usage).In(e.lang))
		return exitUsage
	case errors.Is(err, context.Canceled):
		e.say(e.stderr, data.Text{FR: "Interrompu : rien n’a été modifié.", EN: "Interrupted: nothing was changed."})
		return exitFailure
	}
	message, code := explanation(err)
	fmt.Fprintln(e.stderr, "vigie: "+message.In(e.lang))
	return code
}

// usageError is a mistake on the command line.
type usageError data.Text

func (e usageError) Error() string { return e.EN }

// language is the user's choice, or that of the locale; French by default.
func language(chosen string) string {
	if chosen != "" {
		return chosen
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			if strings.HasPrefix(strings.ToLower(v), "en") {
				return "en"
			}
			return "fr"
		}
	}
	return "fr"
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(e *environment) error {
	fmt.Fprintln(e.stdout, "vigie", version)
	return nil
}
