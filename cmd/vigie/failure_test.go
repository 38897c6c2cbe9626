package main

import (
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"vigie/data/sqlite"
)

// TestSystemErrorsAreTranslated: no message of the system or of SQLite is all that a user reads.
func TestSystemErrorsAreTranslated(t *testing.T) {
	at := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80}
	bind := func(errno syscall.Errno) error {
		return &net.OpError{Op: "listen", Net: "tcp", Addr: at, Err: os.NewSyscallError("bind", errno)}
	}
	for _, tt := range []struct {
		err    error
		fr, en string
	}{
		{bind(syscall.EACCES), "127.0.0.1:80\u00a0: le système refuse", "127.0.0.1:80: the system refuses"},
		{bind(syscall.EADDRINUSE), "déjà prise", "has this address already"},
		{bind(syscall.EADDRNOTAVAIL), "pas celle de cette machine", "does not have this address"},
		{fmt.Errorf("write: %w", sqlite.ErrReadOnly), "ne peut pas être modifiée", "can’t be written"},
		{fmt.Errorf("snapshot: zones: %w", sqlite.ErrDamaged), "est endommagée", "is damaged"},
		{&os.PathError{Op: "open", Path: "a.csv", Err: syscall.ENOENT}, "a.csv\u00a0: ce fichier", "a.csv: this file"},
		{&os.PathError{Op: "open", Path: "a.csv", Err: syscall.EACCES}, "a.csv\u00a0: accès refusé", "a.csv: permission denied"},
		{fmt.Errorf("copy: %w", syscall.ENOSPC), "le disque est plein", "the disk is full"},
	} {
		message, code := explanation(tt.err)
		if code != exitFailure || !strings.Contains(message.FR, tt.fr) || !strings.Contains(message.EN, tt.en) {
			t.Errorf("%v: %d %q", tt.err, code, message)
		}
	}
}
