package operator

import (
	"github.com/giaoban/giaoban/internal/audit"
	"github.com/giaoban/giaoban/internal/auth"
	"github.com/giaoban/giaoban/internal/catalog"
	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store"
	"github.com/giaoban/giaoban/internal/wire"
)

// codes lists what the errors of the packages below are told as.
var codes = []struct {
	err  error
	code meeting.Code
}{
	{auth.ErrSignIn, wire.CodeSignInWrong},
	{auth.ErrTooFast, wire.CodeSignInTooFast},
	{auth.ErrOverload, wire.CodeServerBusy},
	{auth.ErrPassword, wire.CodePasswordWeak},
	{auth.ErrExists, wire.CodeUserExists},
	{auth.ErrUser, wire.CodeUserInvalid},
	{auth.ErrDevice, wire.CodeTokenDevice},
	{auth.ErrCode, wire.CodePairingCode},
	{auth.ErrPairingBusy, wire.CodePairingBusy},
	{auth.ErrPrincipal, meeting.CodeValueInvalid},
	{audit.ErrBroken, wire.CodeAuditBroken},
	{store.ErrDamaged, wire.CodeStoreDamaged},
	{store.ErrConflict, wire.CodeChangedMeanwhile},
	{store.ErrExists, meeting.CodeMeetingExists},
	{focus.ErrExists, meeting.CodeMeetingExists},
	{focus.ErrUnknown, meeting.CodeMeetingUnknown},
	{focus.ErrLinked, wire.CodeLinkThere},
	{focus.ErrEnded, meeting.CodeMeetingEnded},
}

// routes lists the whole interface.
func (s *Server) routes() []route {
	anybody := []meeting.Role{open}
	return []route{
		{pattern: "POST /api/v1/session", roles: anybody, act: "session.open", do: s.signIn},
		{pattern: "GET /api/v1/session", do: s.me},
		{pattern: "DELETE /api/v1/session", act: "session.close", do: s.signOut},
		{pattern: "PUT /api/v1/session/password", act: "password.change", do: s.changePassword},
		{pattern: "POST /api/v1/session/links", act: "link.open", hands: true, do: s.openLink},

		{pattern: "GET /api/v1/systems", roles: staff, do: s.listSystems},
		{pattern: "GET /api/v1/points", roles: staff, do: s.listPoints},
		{pattern: "PUT /api/v1/points/{id}", roles: operators, act: "point.change", do: s.changePoint},
		{pattern: "DELETE /api/v1/points/{id}", roles: operators, act: "point.remove", do: s.removePoint},
		{pattern: "GET /api/v1/points.csv", roles: operators, act: "points.export", do: s.exportPoints},
		{pattern: "POST /api/v1/points.csv", roles: operators, act: "points.import", max: catalog.MaxTable + 1, do: s.importPoints},
		{pattern: "GET /api/v1/templates", roles: staff, do: s.listTemplates},
		{pattern: "GET /api/v1/consents", roles: staff, do: s.listConsents},
		{pattern: "POST /api/v1/consents", roles: operators, act: "consent.record", do: s.recordConsent},

		{pattern: "GET /api/v1/schedule", roles: staff, do: s.schedule},
		{pattern: "POST /api/v1/meetings", roles: staff, act: "meeting.create", do: s.create},
		{pattern: "GET /api/v1/meetings/{id}/order", roles: staff, do: s.orderOf},
		{pattern: "POST /api/v1/meetings/{id}/acts", roles: staff, act: "meeting.act", do: s.act},
		{pattern: "GET /api/v1/meetings/{id}/export", roles: operators, act: "meeting.export", do: s.exportMeeting},
		{pattern: "POST /api/v1/meetings/import", roles: operators, act: "meeting.import", max: maxExport, do: s.importMeeting},

		{pattern: "POST /api/v1/pairing", roles: anybody, do: s.beginPairing},
		{pattern: "POST /api/v1/pairing/collect", roles: anybody, do: s.collectPairing},
		{pattern: "POST /api/v1/pairing/renew", do: s.renewToken},
		{pattern: "GET /api/v1/pairing/waiting", roles: operators, do: s.waitingForPairing},
		{pattern: "POST /api/v1/pairing/assign", roles: operators, act: "pairing.assign", hands: true, do: s.assignPairing},
		{pattern: "GET /api/v1/links", roles: operators, do: s.listLinks},
		{pattern: "POST /api/v1/links", roles: operators, act: "link.issue", hands: true, do: s.issueLink},
		{pattern: "DELETE /api/v1/links/{id}", roles: operators, act: "link.revoke", do: s.revokeLink},

		{pattern: "GET /api/v1/users", roles: operators, do: s.listUsers},
		{pattern: "POST /api/v1/users", roles: operators, act: "user.add", hands: true, do: s.addUser},
		{pattern: "PUT /api/v1/users/{id}/password", roles: operators, act: "user.password", hands: true, do: s.setPassword},
		{pattern: "DELETE /api/v1/users/{id}", roles: operators, act: "user.revoke", do: s.disableUser},
		{pattern: "GET /api/v1/audit", roles: operators, do: s.readAudit},
		{pattern: "GET /api/v1/damage", roles: operators, do: s.listDamage},
		{pattern: "GET /api/v1/check", roles: operators, do: s.check},
		{pattern: "GET /api/v1/backup", roles: operators, act: "store.backup", do: s.backup},
	}
}
