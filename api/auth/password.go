package auth

import (
	"context"
	"errors"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"github.com/trustelem/zxcvbn"

	"vigie/data"
)

// Lengths of passwords, in characters. The upper one bounds the work of judging and
// hashing what anyone may send.
const (
	minPassword = 12
	maxPassword = 256
)

// enoughGuesses is the strength under which a password is too common: 10^8 guesses,
// what zxcvbn calls safe from online attack.
const enoughGuesses = 1e8

// hashing is what OWASP recommends for argon2id: 19 MiB, two passes, one lane.
var hashing = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// hashers bounds the memory of concurrent hashes.
var hashers = make(chan struct{}, 4)

// dummyHash is compared when there is no password to compare, so that the answer
// takes as long. No password has it.
var dummyHash = sync.OnceValues(func() (string, error) { return argon2id.CreateHash("", hashing) })

// HashPassword gives the PHC string of a password. It waits for its turn.
func HashPassword(ctx context.Context, password string) (string, error) {
	select {
	case hashers <- struct{}{}:
		defer func() { <-hashers }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	return argon2id.CreateHash(password, hashing)
}

// matches compares a password with a hash, "" for none, in a time that does not tell
// which of the two it was.
func matches(ctx context.Context, password, hash string) (bool, error) {
	known := hash != ""
	if !known {
		var err error
		if hash, err = dummyHash(); err != nil {
			return false, err
		}
	}
	select {
	case hashers <- struct{}{}:
		defer func() { <-hashers }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	ok, err := argon2id.ComparePasswordAndHash(password, hash)
	return ok && known, err
}

// Codes of what is wrong with a password.
const (
	passwordTooShort      = "password-too-short"
	passwordTooLong       = "password-too-long"
	passwordTooCommon     = "password-too-common"
	passwordContainsLogin = "password-contains-login"
)

// CheckPassword refuses, with a *data.InvalidError about the field "password", what
// would be guessed. It asks for length, not for kinds of characters.
func CheckPassword(login, password string) error {
	code, message := "", data.Text{}
	switch length := utf8.RuneCountInString(password); {
	case length < minPassword:
		code, message = passwordTooShort, data.Text{
			FR: "Au moins 12 caractères\u00a0; une phrase convient.", EN: "At least 12 characters; a phrase will do."}
	case length > maxPassword || !utf8.ValidString(password):
		code, message = passwordTooLong, data.Text{FR: "Au plus 256 caractères.", EN: "At most 256 characters."}
	case login != "" && strings.Contains(data.LoginKey(password), data.LoginKey(login)):
		code, message = passwordContainsLogin, data.Text{
			FR: "Le mot de passe ne doit pas contenir l’identifiant.", EN: "The password must not contain the login."}
	case guessable(login, password):
		code, message = passwordTooCommon, data.Text{
			FR: "Trop courant ou trop prévisible\u00a0: il figure, ou presque, dans les listes de mots de passe.",
			EN: "Too common or predictable: it is, or nearly so, in lists of passwords."}
	default:
		return nil
	}
	return &data.InvalidError{Problems: []data.Problem{{
		Severity: data.SeverityError, Code: code, Field: "password", Message: message,
	}}}
}

// guessable judges the beginning: the work grows with the square of the length, and
// what follows only makes a password stronger.
func guessable(login, password string) bool {
	const judged = 64
	if runes := []rune(password); len(runes) > judged {
		password = string(runes[:judged])
	}
	return zxcvbn.PasswordStrength(password, []string{login, "vigie", "foyer"}).Guesses < enoughGuesses
}

// SetPassword gives an account a password. A *data.InvalidError says what is wrong with it.
func SetPassword(ctx context.Context, accounts data.Accounts, u *data.User, password string, entry data.AuditEntry) error {
	if err := CheckPassword(u.Login, password); err != nil {
		return err
	}
	hash, err := HashPassword(ctx, password)
	if err != nil {
		return err
	}
	return accounts.UpdateCredentials(ctx, u.ID, func(c *data.Credentials) bool {
		c.PasswordHash = hash
		return true
	}, entry)
}

// HasPassword tells whether an account with this login has this password.
func HasPassword(ctx context.Context, accounts data.Accounts, login, password string) (bool, error) {
	u, err := accounts.UserByLogin(ctx, login)
	if errors.Is(err, data.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	creds, err := accounts.CredentialsOf(ctx, u.ID)
	if err != nil {
		return false, err
	}
	return matches(ctx, password, creds.PasswordHash)
}
