package main

import (
	"errors"
	"io/fs"
	"net"
	"slices"
	"syscall"

	"vigie/api"
	"vigie/data"
	"vigie/data/audit"
	"vigie/data/sqlite"
)

// failure is what went wrong, in words for a user.
type failure data.Text

func (f failure) Error() string { return f.EN }

// plain are the causes of an OpenError to which its message leaves nothing to add.
var plain = []error{sqlite.ErrForeign, sqlite.ErrNewer, sqlite.ErrOlder, sqlite.ErrExposed, sqlite.ErrServed, sqlite.ErrReadOnly}

// explanation says what a failure means to a user, and the exit code. What has no
// words of its own keeps the system's.
func explanation(err error) (data.Text, int) {
	var (
		own      failure
		network  *api.NetworkError
		open     *sqlite.OpenError
		key      *audit.KeyError
		conflict *data.ConflictError
		file     *fs.PathError
		listen   *net.OpError
	)
	switch {
	case errors.As(err, &own):
		return data.Text(own), exitFailure
	case errors.As(err, &network):
		return network.Message, exitUsage
	case errors.As(err, &open):
		cause := ""
		if !slices.ContainsFunc(plain, func(known error) bool { return errors.Is(open.Err, known) }) {
			cause = " (" + open.Err.Error() + ")"
		}
		return data.Text{FR: open.Path + "\u00a0: " + open.Message.FR + cause + ".", EN: open.Path + ": " + open.Message.EN + cause + "."}, exitFailure
	case errors.As(err, &key):
		return data.Text{FR: key.Path + "\u00a0: " + key.Message.FR + ".", EN: key.Path + ": " + key.Message.EN + "."}, exitFailure
	case errors.As(err, &conflict):
		return data.Text{FR: "rien n’a été modifié\u00a0: " + conflict.Message.FR, EN: "nothing was changed: " + conflict.Message.EN}, exitRejected
	case errors.Is(err, data.ErrConflict):
		return data.Text{FR: "rien n’a été modifié\u00a0: une autre modification est passée avant. Recommencez.", EN: "nothing was changed: another change came first. Try again."}, exitRejected
	case errors.Is(err, data.ErrStoreFull), errors.Is(err, syscall.ENOSPC):
		return data.Text{FR: "le disque est plein\u00a0; rien n’a été modifié.", EN: "the disk is full; nothing was changed."}, exitFailure
	case errors.Is(err, data.ErrStoreBusy):
		return data.Text{FR: "un autre programme occupe la base\u00a0; rien n’a été modifié. Recommencez.", EN: "another program holds the database; nothing was changed. Try again."}, exitFailure
	case errors.Is(err, sqlite.ErrReadOnly):
		return data.Text{FR: "la base ne peut pas être modifiée\u00a0; vérifiez les droits du fichier et du dossier.", EN: "the database can’t be written; check the permissions of the file and the folder."}, exitFailure
	case errors.Is(err, sqlite.ErrDamaged):
		return data.Text{FR: "la base est endommagée\u00a0; restaurez une sauvegarde (docs/operations.md).", EN: "the database is damaged; restore a backup (docs/operations.md)."}, exitFailure
	case errors.As(err, &listen) && errors.Is(err, fs.ErrPermission):
		return data.Text{FR: address(listen) + "\u00a0: le système refuse cette adresse\u00a0; un port au-delà de 1023 ne demande pas de droits.", EN: address(listen) + ": the system refuses this address; a port above 1023 needs no rights."}, exitFailure
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return data.Text{FR: "--listen\u00a0: cette adresse n’est pas celle de cette machine.", EN: "--listen: this machine does not have this address."}, exitFailure
	case errors.Is(err, syscall.EADDRINUSE):
		return data.Text{FR: "cette adresse est déjà prise par un autre programme\u00a0; donnez-en une autre à --listen.", EN: "another program has this address already; give another one to --listen."}, exitFailure
	case errors.As(err, &file) && errors.Is(err, fs.ErrNotExist):
		return data.Text{FR: file.Path + "\u00a0: ce fichier ou ce dossier n’existe pas.", EN: file.Path + ": this file or folder does not exist."}, exitFailure
	case errors.As(err, &file) && errors.Is(err, fs.ErrPermission):
		return data.Text{FR: file.Path + "\u00a0: accès refusé.", EN: file.Path + ": permission denied."}, exitFailure
	}
	return data.Text{FR: err.Error(), EN: err.Error()}, exitFailure
}

// address is the one that an operation of the network was about.
func address(e *net.OpError) string {
	if e.Addr == nil {
		return "--listen"
	}
	return "--listen " + e.Addr.String()
}
