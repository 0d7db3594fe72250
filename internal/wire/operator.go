package wire

import (
	"github.com/giaoban/giaoban/internal/meeting"
)

// Hold is a role somebody holds, and where: a system and those below it, or
// one point. Empty is everywhere.
type Hold struct {
	Role   meeting.Role    `json:"role"`
	System string          `json:"system,omitempty"`
	Point  meeting.PointID `json:"point,omitempty"`
}

// SignIn is a name and a password.
type SignIn struct {
	Name     string `json:"name"`
	Password string `json:"password" max:"800"`
}

// Me says who the server takes a request for.
type Me struct {
	Name    string `json:"name"`
	Display string `json:"display,omitempty"`
	Holds   []Hold `json:"holds"`
	Version string `json:"version"`
}

// NewPassword changes one's own password, or sets another's without Old.
type NewPassword struct {
	Old string `json:"old,omitempty" max:"800"`
	New string `json:"new" max:"800"`
}

// LinkWanted asks for a link that opens a page in a role.
type LinkWanted struct {
	Role   meeting.Role    `json:"role"`
	System string          `json:"system,omitempty"` // of a role without a point
	Point  meeting.PointID `json:"point,omitempty"`
	Name   string          `json:"name,omitempty"` // who gets it
	// Of an observer: what its display shows, and whose sound it leaves out.
	Part     meeting.Part      `json:"part,omitempty"`
	Audience meeting.Audience  `json:"audience,omitempty"`
	Exclude  []meeting.PointID `json:"exclude,omitempty"`
}

// LinkMade is a link, told once: the server keeps only its hash. Path begins
// at the server's address.
type LinkMade struct {
	Path    string `json:"path"`
	UntilMs int64  `json:"untilMs,omitempty"` // 0: until it is revoked
}

// SystemRow is a system of the catalogue.
type SystemRow struct {
	ID         string          `json:"id"`
	Name       string          `json:"name"`
	Owner      string          `json:"owner"`
	Basis      string          `json:"basis,omitempty"`
	Above      string          `json:"above,omitempty"`
	ChairPoint meeting.PointID `json:"chairPoint"`
	Points     int             `json:"points"`
	Below      int             `json:"below"` // points of the systems below
}

// OfficerRow is a focal officer of a point.
type OfficerRow struct {
	Name    string `json:"name" max:"800"`
	Phone   string `json:"phone"`
	Email   string `json:"email,omitempty"`
	Trained bool   `json:"trained,omitempty"`
	Active  bool   `json:"active,omitempty"`
}

// PointRow is a point of the catalogue. Short marks one with fewer than two
// trained officers (Art 13.2); Devices counts the tokens of its room.
type PointRow struct {
	ID       meeting.PointID `json:"id"`
	Number   int             `json:"number"`
	Code     string          `json:"code"`
	Name     string          `json:"name" max:"800"`
	Parent   string          `json:"parent,omitempty" max:"800"`
	System   string          `json:"system"`
	Tier     string          `json:"tier,omitempty"`
	Room     string          `json:"room,omitempty" max:"800"`
	Kind     string          `json:"kind,omitempty"`
	Carrier  string          `json:"carrier,omitempty" max:"800"`
	Circuit  string          `json:"circuit,omitempty" max:"800"`
	DownKbps int             `json:"downKbps,omitempty"`          // most of each of its screens; 0 is no limit
	Consent  string          `json:"consent,omitempty" max:"800"` // to auto-open
	Officers []OfficerRow    `json:"officers" most:"5"`
	Short    bool            `json:"short,omitempty"`
	Devices  int             `json:"devices,omitempty"`
}

// OrderForm is a meeting to be held. From takes what is left out from a
// template ("template:T2"), a meeting ("meeting:ID") or the last one of the
// system ("last").
type OrderForm struct {
	From           string            `json:"from,omitempty"`
	Title          string            `json:"title,omitempty" max:"800"`
	HostUnit       string            `json:"hostUnit,omitempty" max:"800"`
	System         string            `json:"system,omitempty"`
	StartsAtMs     int64             `json:"startsAtMs,omitempty"`
	ChairPoint     meeting.PointID   `json:"chairPoint,omitempty"`
	Below          bool              `json:"below,omitempty"`             // the points of the systems below too (Art 5.4)
	Points         []meeting.PointID `json:"points,omitempty" most:"300"` // the roster; none is the whole system
	LobbyMinutes   int               `json:"lobbyMinutes,omitempty"`      // before the start; 0 as configured, -1 no lobby
	ReadmitByClick bool              `json:"readmitByClick,omitempty"`
	Reason         string            `json:"reason,omitempty" max:"800"` // of borrowing without a consent (Art 4.2)
}

// TemplateRow is a template, and the order it fills in.
type TemplateRow struct {
	ID    string    `json:"id"`
	Name  string    `json:"name"`
	Basis string    `json:"basis,omitempty"`
	Order OrderForm `json:"order"`
}

// ConsentRow is the recorded answer to borrowing a point (Art 4.2).
type ConsentRow struct {
	ID       string          `json:"id,omitempty"`
	Point    meeting.PointID `json:"point"`
	System   string          `json:"system"`
	Meeting  meeting.ID      `json:"meeting,omitempty"`
	By       string          `json:"by" max:"800"`
	Document string          `json:"document,omitempty" max:"800"`
	Date     string          `json:"date,omitempty"` // yyyy-mm-dd
	Decision string          `json:"decision"`       // granted, refused, override
	Reason   string          `json:"reason,omitempty" max:"800"`
}

// MeetingRow is a meeting in the operator's list.
type MeetingRow struct {
	ID          meeting.ID      `json:"id"`
	Title       string          `json:"title"`
	HostUnit    string          `json:"hostUnit"`
	System      string          `json:"system"`
	Phase       meeting.Phase   `json:"phase"`
	StartsAtMs  int64           `json:"startsAtMs,omitempty"`
	LobbyAtMs   int64           `json:"lobbyAtMs,omitempty"` // when the lobby opens by itself
	StartedAtMs int64           `json:"startedAtMs,omitempty"`
	EndedAtMs   int64           `json:"endedAtMs,omitempty"`
	ChairPoint  meeting.PointID `json:"chairPoint"`
	Points      int             `json:"points"`
	Present     int             `json:"present"`
	// Imported: it came in as a file and has not ended; it goes on by "resume".
	Imported bool `json:"imported,omitempty"`
	// Damaged: its log cannot be read, and nothing else of the row is known.
	Damaged bool `json:"damaged,omitempty"`
}

// MeetingAct is an operator's act on a meeting: "lobby", "start", "end",
// "rehome" to a system and chair point, and "island": this part of the tree goes
// on by itself while the link above is lost; the answer is the island. "resume"
// lets a meeting that came in as a file go on here.
type MeetingAct struct {
	Act    string          `json:"act"`
	System string          `json:"system,omitempty"`
	Point  meeting.PointID `json:"point,omitempty"`
}

// ImportChange is what a table of points would do to one point.
type ImportChange struct {
	Line   int             `json:"line"`
	Point  meeting.PointID `json:"point"`
	Number int             `json:"number"`
	Name   string          `json:"name"`
	System string          `json:"system"`
	New    bool            `json:"new,omitempty"`
	Short  bool            `json:"short,omitempty"`
	// Cells lists what the row changes, in the order of the columns; of a new
	// point only what has to be asked about.
	Cells []ImportCell `json:"cells,omitempty"`
}

// ImportCell is one cell that a row of a table changes, under the headings of
// its column in both languages.
type ImportCell struct {
	Column string `json:"column"`
	Vi     string `json:"vi"`
	Old    string `json:"old"`
	New    string `json:"new"`
	// Zeros: the new text is the old without its leading zeros, as a spreadsheet
	// writes what it takes for a number; somebody has to say that it is meant.
	Zeros bool `json:"zeros,omitempty"`
}

// ImportFault is a mistake in a table, by line and column from 1.
type ImportFault struct {
	Line   int    `json:"line"`
	Column int    `json:"column,omitempty"` // 0: the whole line
	Name   string `json:"name,omitempty"`   // the column's heading
	Vi     string `json:"vi"`
	En     string `json:"en"`
}

// ImportReport is what became of a table. Nothing is taken if there is a fault,
// or if cells that only lost zeros were not confirmed.
type ImportReport struct {
	Rows     int            `json:"rows"`
	Same     int            `json:"same"`
	Short    int            `json:"short"`
	Asked    int            `json:"asked,omitempty"` // cells that only lost zeros in front
	Changes  []ImportChange `json:"changes"`
	Faults   []ImportFault  `json:"faults"`
	Revision uint64         `json:"revision"` // of the catalogue it was read against
	Taken    bool           `json:"taken"`
}

// PairingWanted is a kiosk that wants a code.
type PairingWanted struct {
	Device string `json:"device" max:"64"`
}

// PairingCode is what a kiosk shows, and the secret it asks with.
type PairingCode struct {
	Code    string `json:"code"`
	Secret  string `json:"secret"`
	UntilMs int64  `json:"untilMs"`
	NowMs   int64  `json:"nowMs"`
}

// PairingState is what a kiosk has been given; no Token while it waits.
type PairingState struct {
	Token string          `json:"token,omitempty"`
	Point meeting.PointID `json:"point,omitempty"`
	Name  string          `json:"name,omitempty"`
}

// PairingAct gives the kiosk that shows a code a point.
type PairingAct struct {
	Code  string          `json:"code"`
	Point meeting.PointID `json:"point"`
}

// PairingRow is a kiosk that waits, without its code.
type PairingRow struct {
	From    string `json:"from"`
	SinceMs int64  `json:"sinceMs"`
	UntilMs int64  `json:"untilMs"`
}

// TokenRow is a token as it can be listed.
type TokenRow struct {
	ID         string          `json:"id"`
	Role       meeting.Role    `json:"role"`
	System     string          `json:"system,omitempty"`
	Point      meeting.PointID `json:"point,omitempty"`
	Name       string          `json:"name,omitempty"`
	Device     bool            `json:"device,omitempty"` // bound to one, by pairing
	IssuedAtMs int64           `json:"issuedAtMs"`
	IssuedBy   string          `json:"issuedBy,omitempty"`
	UntilMs    int64           `json:"untilMs,omitempty"`
}

// UserRow is a person with a password.
type UserRow struct {
	Name     string `json:"name"`
	Display  string `json:"display,omitempty"`
	Holds    []Hold `json:"holds" most:"16"`
	Disabled bool   `json:"disabled,omitempty"`
	MadeAtMs int64  `json:"madeAtMs"`
}

// NewUser is an account to be made.
type NewUser struct {
	Name     string `json:"name"`
	Display  string `json:"display,omitempty"`
	Password string `json:"password" max:"800"`
	Holds    []Hold `json:"holds" most:"16"`
}

// DamageRow is one thing of the store that cannot be used.
type DamageRow struct {
	Document string     `json:"document,omitempty"`
	Meeting  meeting.ID `json:"meeting,omitempty"`
	Part     string     `json:"part,omitempty"` // of the store itself
	Why      string     `json:"why"`
}

// CheckReport is what a look at everything that is stored came to.
type CheckReport struct {
	Documents int         `json:"documents"`
	Meetings  int         `json:"meetings"`
	Found     []DamageRow `json:"found"`
}

// AuditRow is one entry of the audit log.
type AuditRow struct {
	N      uint64 `json:"n"`
	AtMs   int64  `json:"atMs"`
	Who    string `json:"who"`
	Role   string `json:"role,omitempty"`
	From   string `json:"from,omitempty"`
	Act    string `json:"act"`
	Target string `json:"target,omitempty"`
	Code   string `json:"code,omitempty"` // why it was refused
	Note   string `json:"note,omitempty"`
	Count  int    `json:"count,omitempty"` // how many more of the same there were within the minute
	To     uint64 `json:"to,omitempty"`    // of a mark of a repair: the last entry it stands for
}

// operatorTypes lists every body of the operator's interface over HTTP.
var operatorTypes = []any{
	SignIn{}, Me{}, NewPassword{}, LinkWanted{}, LinkMade{}, SystemRow{}, OfficerRow{}, PointRow{}, OrderForm{}, TemplateRow{},
	ConsentRow{}, MeetingRow{}, MeetingAct{}, ImportChange{}, ImportCell{}, ImportFault{}, ImportReport{}, PairingWanted{}, PairingCode{},
	PairingState{}, PairingAct{}, PairingRow{}, TokenRow{}, UserRow{}, NewUser{}, AuditRow{}, DamageRow{}, CheckReport{}, Hold{},
}
