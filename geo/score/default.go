package score

// DefaultJSON is the built-in profile as a document, ready to be copied and adapted.
func DefaultJSON() []byte { return []byte(defaultProfile) }

// Default is the built-in profile. Its weights are equal between the pillars, and
// nobody has elicited them: a département replaces it by its own.
func Default() *Profile {
	p, err := ParseProfile([]byte(defaultProfile))
	if err != nil {
		panic("score: the built-in profile is invalid: " + err.Error())
	}
	return p
}
