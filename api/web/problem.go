package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"vigie/data"
)

// Codes of the problem types. They end the type's URI and are stable.
const (
	CodeBadRequest           = "bad-request"
	CodeUnknownParameter     = "unknown-parameter"
	CodeInvalidParameter     = "invalid-parameter"
	CodeInvalidBody          = "invalid-body"
	CodeUnauthenticated      = "authentication-required"
	CodeInvalidCredentials   = "invalid-credentials"
	CodeTOTPRequired         = "totp-required"
	CodeForbidden            = "forbidden"
	CodePurposeRequired      = "purpose-required"
	CodeCrossOrigin          = "cross-origin"
	CodeNotFound             = "not-found"
	CodeMethodNotAllowed     = "method-not-allowed"
	CodeNotAcceptable        = "not-acceptable"
	CodeConflict             = "conflict"
	CodePurposeChosen        = "purpose-chosen"
	CodePreconditionFailed   = "precondition-failed"
	CodeTooLarge             = "too-large"
	CodeUnsupportedMedia     = "unsupported-media-type"
	CodeMisdirected          = "misdirected-request"
	CodeInvalidRecord        = "invalid-record"
	CodeImportRejected       = "import-rejected"
	CodePreconditionRequired = "precondition-required"
	CodeThrottled            = "throttled"
	CodeInternal             = "internal"
	CodeUnavailable          = "unavailable"
	CodeTimeout              = "timeout"
)

// ProblemType is one kind of problem document.
type ProblemType struct {
	Code   string    `json:"code"`
	Status int       `json:"status"`
	Title  data.Text `json:"title"`
}

// ProblemTypes lists every kind of problem this server answers with.
func ProblemTypes() []ProblemType {
	return []ProblemType{
		{CodeBadRequest, 400, data.Text{FR: "Requête incorrecte", EN: "Bad request"}},
		{CodeUnknownParameter, 400, data.Text{FR: "Paramètre inconnu", EN: "Unknown parameter"}},
		{CodeInvalidParameter, 400, data.Text{FR: "Paramètre incorrect", EN: "Invalid parameter"}},
		{CodeInvalidBody, 400, data.Text{FR: "Corps de requête illisible", EN: "Unreadable request body"}},
		{CodeUnauthenticated, 401, data.Text{FR: "Connexion nécessaire", EN: "Login required"}},
		{CodeInvalidCredentials, 401, data.Text{FR: "Identifiants refusés", EN: "Credentials refused"}},
		{CodeTOTPRequired, 401, data.Text{FR: "Code à usage unique attendu", EN: "One-time code expected"}},
		{CodePurposeRequired, 403, data.Text{FR: "Motif de consultation à choisir", EN: "Purpose to be chosen"}},
		{CodeForbidden, 403, data.Text{FR: "Action non autorisée", EN: "Not allowed"}},
		{CodeCrossOrigin, 403, data.Text{FR: "Requête venue d’un autre site", EN: "Request from another site"}},
		{CodeNotFound, 404, data.Text{FR: "Introuvable", EN: "Not found"}},
		{CodeMethodNotAllowed, 405, data.Text{FR: "Méthode non prise en charge", EN: "Method not allowed"}},
		{CodeNotAcceptable, 406, data.Text{FR: "Format de réponse non disponible", EN: "Format not available"}},
		{CodeConflict, 409, data.Text{FR: "Conflit avec une autre modification", EN: "Conflict with another change"}},
		{CodePurposeChosen, 409, data.Text{FR: "Motif déjà choisi", EN: "Purpose already chosen"}},
		{CodePreconditionFailed, 412, data.Text{FR: "La fiche a changé entre-temps", EN: "The record has changed since"}},
		{CodeTooLarge, 413, data.Text{FR: "Contenu trop volumineux", EN: "Content too large"}},
		{CodeUnsupportedMedia, 415, data.Text{FR: "Type de contenu non pris en charge", EN: "Unsupported media type"}},
		{CodeMisdirected, 421, data.Text{FR: "Nom d’hôte refusé", EN: "Host name refused"}},
		{CodeInvalidRecord, 422, data.Text{FR: "Saisie incorrecte", EN: "Invalid input"}},
		{CodeImportRejected, 422, data.Text{FR: "Import refusé", EN: "Import rejected"}},
		{CodePreconditionRequired, 428, data.Text{FR: "Version de la fiche non indiquée", EN: "Record version missing"}},
		{CodeThrottled, 429, data.Text{FR: "Trop d’essais", EN: "Too many attempts"}},
		{CodeInternal, 500, data.Text{FR: "Erreur interne", EN: "Internal error"}},
		{CodeUnavailable, 503, data.Text{FR: "Service momentanément indisponible", EN: "Temporarily unavailable"}},
		{CodeTimeout, 503, data.Text{FR: "Délai dépassé", EN: "Timed out"}},
	}
}

// Problem is an error for the user. Handlers return one, or an error of package
// data, which becomes one.
type Problem struct {
	Code   string
	Detail data.Text
	// Problems locates each thing that is wrong, for forms and imports.
	Problems []data.Problem
	// Current is the record as it stands now, when an edit came too late.
	Current any
	// Header is added to the response (Allow, Retry-After).
	Header http.Header
	// Cause is only logged.
	Cause error
}

// Error gives the code and the English detail.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail.EN }

// Unwrap gives the cause.
func (p *Problem) Unwrap() error { return p.Cause }

// NewProblem makes a problem of a code with a French and an English detail.
func NewProblem(code, fr, en string) *Problem {
	return &Problem{Code: code, Detail: data.Text{FR: fr, EN: en}}
}

// InvalidParameter is the problem of one query parameter: value is what was
// given, fr and en say what was expected.
func InvalidParameter(name, value, fr, en string) *Problem {
	message := data.Text{
		FR: "Paramètre «\u00a0" + name + "\u00a0»\u00a0: " + fr,
		EN: "Parameter “" + name + "”: " + en,
	}
	return &Problem{Code: CodeInvalidParameter, Detail: message, Problems: []data.Problem{{
		Severity: data.SeverityError, Code: CodeInvalidParameter, Field: name, Value: data.Clip(value), Message: message,
	}}}
}

// NotFound is the one answer for what does not exist and for what the viewer may
// not know exists: the same body, so that it tells nothing.
func NotFound() *Problem {
	return NewProblem(CodeNotFound, "Il n’y a rien à cette adresse.", "There is nothing at this address.")
}

// asProblem turns any error into a problem; what is not meant for users is kept
// as a cause for the log.
func asProblem(err error) *Problem {
	var (
		p        *Problem
		tooLarge *http.MaxBytesError
		invalid  *data.InvalidError
		rejected *data.RejectedError
		conflict *data.ConflictError
	)
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &tooLarge):
		return tooLargeProblem(tooLarge.Limit)
	case errors.As(err, &invalid):
		p = NewProblem(CodeInvalidRecord,
			"Rien n’a été enregistré\u00a0: corrigez les champs signalés.",
			"Nothing was saved: correct the fields shown.")
		p.Problems = invalid.Problems
	case errors.As(err, &rejected):
		p = &Problem{Code: CodeImportRejected, Detail: rejected.Problem.Message, Problems: []data.Problem{rejected.Problem}}
	case errors.As(err, &conflict):
		p = &Problem{Code: CodeConflict, Detail: conflict.Message}
	case errors.Is(err, data.ErrNotFound):
		return NotFound()
	case errors.Is(err, data.ErrForbidden):
		return NewProblem(CodeForbidden,
			"Votre compte ne permet pas cette action.", "Your account does not allow this.")
	case errors.Is(err, data.ErrConflict):
		p = NewProblem(CodeConflict,
			"Rien n’a été enregistré\u00a0: une autre modification est passée avant. Rechargez, puis recommencez.",
			"Nothing was saved: another change came first. Reload, then try again.")
	case errors.Is(err, data.ErrStoreFull):
		p = NewProblem(CodeUnavailable,
			"Le disque de la base de données est plein\u00a0; rien n’a été modifié.",
			"The disk of the database is full; nothing was changed.")
	case errors.Is(err, data.ErrStoreBusy):
		p = NewProblem(CodeUnavailable,
			"Un autre programme occupe la base de données\u00a0; rien n’a été modifié. Recommencez.",
			"Another program holds the database; nothing was changed. Try again.")
	case errors.Is(err, context.DeadlineExceeded):
		p = NewProblem(CodeTimeout,
			"La réponse prenait trop de temps\u00a0; rien n’a été modifié.",
			"The answer took too long; nothing was changed.")
	default:
		p = NewProblem(CodeInternal,
			"Le serveur a rencontré une erreur. Elle est notée dans son journal sous le numéro de cette réponse.",
			"The server met an error. It is in its log under the number of this answer.")
	}
	p.Cause = err
	return p
}

func tooLargeProblem(limit int64) *Problem {
	return NewProblem(CodeTooLarge,
		"Le contenu dépasse la limite de "+formatBytes(limit, "o")+".",
		"The content is over the limit of "+formatBytes(limit, "B")+".")
}

// problemDocument is the body of an RFC 9457 answer.
type problemDocument struct {
	Type     string         `json:"type"`
	Title    string         `json:"title"`
	Status   int            `json:"status"`
	Detail   string         `json:"detail,omitempty"`
	Instance string         `json:"instance,omitempty"`
	Code     string         `json:"code"`
	Problems []data.Problem `json:"problems,omitempty"`
	Current  any            `json:"current,omitempty"`
}

// encode gives the status and body of the problem in lang; base is the public
// address of the server, id the request's.
func (p *Problem) encode(lang, base, id string) (int, []byte) {
	t := ProblemType{Status: http.StatusInternalServerError}
	for _, known := range ProblemTypes() {
		if known.Code == p.Code {
			t = known
			break
		}
	}
	body, err := json.Marshal(problemDocument{
		Type: base + Root + "/problems#" + p.Code, Title: t.Title.In(lang), Status: t.Status,
		Detail: p.Detail.In(lang), Instance: "urn:uuid:" + id, Code: p.Code,
		Problems: p.Problems, Current: p.Current,
	})
	if err != nil {
		return http.StatusInternalServerError, []byte(`{"type":"about:blank","status":500}`)
	}
	return t.Status, body
}
