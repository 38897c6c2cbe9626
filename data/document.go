package data

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"
	"time"
)

// DocumentKind is what a document is about.
type DocumentKind string

// DocumentStudy is a siting study.
const DocumentStudy DocumentKind = "study"

// documentOf says who may read and write the documents of a kind: whoever has one of
// these rights over the home or, where it is of none, over the département.
var documentOf = map[DocumentKind]struct{ read, write Right }{
	DocumentStudy: {read: RightStudy, write: RightStudy},
}

// Valid tells whether k is a kind of documents.
func (k DocumentKind) Valid() bool { _, ok := documentOf[k]; return ok }

// Document is a versioned record of the work on a home or in a département. Its body is
// JSON, which the package of its kind makes, checks and reads; beside it is what rights and
// queries need.
type Document struct {
	Kind DocumentKind `json:"kind"`
	ID   string       `json:"id"`
	// SiteID is the home that it is about, "" for none.
	SiteID string `json:"site_id,omitempty"`
	// Department is the INSEE code of the département whose people work on it; given by
	// the store when SiteID is set.
	Department string `json:"department_code"`
	// State is where it stands, in the words of its kind.
	State string `json:"state"`
	// Due is when something is expected, nil for never.
	Due  *time.Time      `json:"due,omitempty"`
	Body json.RawMessage `json:"body"`

	// The rest is given by the store and ignored when written, but for Version: that of
	// the document that was read, 0 for a new one.
	CreatedAt time.Time `json:"created_at"`
	CreatedBy string    `json:"created_by"` // login
	ChangedAt time.Time `json:"changed_at"`
	ChangedBy string    `json:"changed_by"`
	Version   int64     `json:"version"`
}

// MaxDocumentBytes bounds the body of a document.
const MaxDocumentBytes = 8 << 20

// Codes of the problems of documents.
const (
	CodeInvalidDocument = "invalid-document"
	CodeDocumentTooLong = "document-too-long"
)

// Readable tells whether the viewer may read the document; site is the home it is about,
// nil for none or one that is gone.
func (d *Document) Readable(by Viewer, site *Site) bool {
	return d.allowed(by, documentOf[d.Kind].read, site)
}

// Writable tells whether the viewer may create, replace and erase the document.
func (d *Document) Writable(by Viewer, site *Site) bool {
	return d.allowed(by, documentOf[d.Kind].write, site)
}

func (d *Document) allowed(by Viewer, any Right, site *Site) bool {
	return by.MayIn(any, d.Department) || site != nil && by.MayAt(any, site)
}

// Same tells whether another document says the same, whoever wrote it and when.
func (d *Document) Same(o *Document) bool {
	sameDue := d.Due == nil && o.Due == nil || d.Due != nil && o.Due != nil && d.Due.Equal(*o.Due)
	return d.Kind == o.Kind && d.ID == o.ID && d.SiteID == o.SiteID && d.Department == o.Department &&
		d.State == o.State && sameDue && bytes.Equal(d.Body, o.Body)
}

// Validate lists what keeps the document from being stored.
func (d *Document) Validate() []Problem {
	var found []finding
	add := func(f finding) { found = append(found, f) }
	checkID(add, "id", d.ID)
	if d.SiteID != "" {
		checkID(add, "site_id", d.SiteID)
	} else if !ValidDepartmentCode(d.Department) {
		add(finding{code: CodeInvalidDepartment, field: "department_code", value: d.Department, message: departmentShape})
	}
	if !d.Kind.Valid() {
		add(finding{
			code: CodeInvalidKind, field: "kind", value: string(d.Kind),
			message: Text{FR: "Type de dossier inconnu.", EN: "Unknown kind of document."},
		})
	}
	if !json.Valid(d.Body) {
		add(finding{
			code: CodeInvalidDocument, field: "body",
			message: Text{FR: "Le contenu n’est pas du JSON.", EN: "The content is not JSON."},
		})
	}
	if n := len(d.Body); n > MaxDocumentBytes {
		add(finding{
			code: CodeDocumentTooLong, field: "body", value: strconv.Itoa(n),
			message: Text{FR: "Le dossier dépasse 8\u00a0Mio.", EN: "The document is over 8 MiB."},
		})
	}
	return strict(d.ID, found)
}

// DocumentQuery selects documents of a kind; zero fields select everything.
type DocumentQuery struct {
	Kind       DocumentKind
	SiteID     string
	Department string
	States     []string
	// DueBefore selects what is due before a time.
	DueBefore *time.Time
	// Limit is the largest number of documents, > 0; Offset skips as many before.
	Limit, Offset int
}

// Documents is the part of a store that holds the documents. What a viewer may not read
// does not exist for it.
type Documents interface {
	// Document finds a document; ErrNotFound.
	Document(ctx context.Context, by Viewer, kind DocumentKind, id string) (*Document, error)
	// Documents lists documents, the last changed first.
	Documents(ctx context.Context, by Viewer, q DocumentQuery) ([]Document, error)
	// DocumentHistory lists the versions of a document, newest first; ErrNotFound.
	DocumentHistory(ctx context.Context, by Viewer, kind DocumentKind, id string) ([]Document, error)
	// PutDocument creates or replaces a document, with its audit entry, and sets what the
	// store gives. One that was stored already with the same content by the same viewer is
	// no conflict, and changes nothing: a request whose answer was lost may be made again.
	//
	// Errors: *InvalidError; ErrForbidden where the viewer may not write it, as it was or as
	// it becomes; ErrNotFound when its home is not there, or it exists and the viewer may
	// not read it; *ConflictError when its version is another.
	PutDocument(ctx context.Context, by Viewer, d *Document, entry AuditEntry) error
	// EraseDocument deletes a document with its history. Its errors are those of PutDocument.
	EraseDocument(ctx context.Context, by Viewer, kind DocumentKind, id string, version int64, entry AuditEntry) error
}
