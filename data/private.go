package data

import (
	"io/fs"
	"runtime"
)

// Exposed tells whether a file of this mode, the database or the journal's key, is open to
// other accounts of the machine. Systems without such modes expose nothing.
func Exposed(mode fs.FileMode) bool { return runtime.GOOS != "windows" && mode.Perm()&0o077 != 0 }
