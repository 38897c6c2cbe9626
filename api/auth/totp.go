package auth

import (
	"encoding/base32"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"vigie/data"
)

// Parameters of RFC 6238 that authenticator applications expect.
const (
	totpPeriod = 30 // seconds
	totpSkew   = 1  // steps before and after, for clocks that differ
)

var base32Secret = base32.StdEncoding.WithPadding(base32.NoPadding)

// newTOTP makes a secret for a login, in base 32 and as the address of its QR code.
func newTOTP(login string) (secret, uri string, err error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Vigie", AccountName: login, Period: totpPeriod})
	if err != nil {
		return "", "", err
	}
	return key.Secret(), key.URL(), nil
}

// useTOTP accepts a code of the time step now, or one beside, if it is later than
// the last one that was accepted, which it becomes: no code serves twice.
func useTOTP(c *data.Credentials, code string, now time.Time) bool {
	secret := base32Secret.EncodeToString(c.TOTPSecret)
	current := now.Unix() / totpPeriod
	for step := max(current-totpSkew, c.TOTPStep+1); step <= current+totpSkew; step++ {
		ok, err := hotp.ValidateCustom(code, uint64(step), secret, hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && ok {
			c.TOTPStep = step
			return true
		}
	}
	return false
}
