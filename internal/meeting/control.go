package meeting

// Several controllers may be signed in; one holds the control token (Art 2.3).
// The first to act holds it, by acting; another takes it in one act, which is
// on record. A controller is known by the name of its credential.

// TakeControl makes the controller who gives it the one in control (Nhận quyền
// điều khiển).
type TakeControl struct{}

func (TakeControl) command() string { return "control.take" }

// ControlTaken says that the controller in Event.By is in control from now on.
type ControlTaken struct{}

func (ControlTaken) fact() string { return "control.taken" }

func (TakeControl) decide(m *Meeting, at moment) ([]Fact, error) {
	if m.s.Controlled && m.s.Control == at.by.Name {
		return nil, nil
	}
	return []Fact{ControlTaken{}}, nil
}

func (ControlTaken) fold(m *Meeting, e Event) error {
	if e.By.Role != RoleController {
		return errIllegal
	}
	m.s.Controlled, m.s.Control = true, e.By.Name
	return nil
}

// inControl refuses a controller without the token, but for the commands that
// need none.
func (m *Meeting) inControl(by Actor, c Command) error {
	if by.Role != RoleController || m.away(by) || !m.s.Controlled || m.s.Control == by.Name || withoutControl[c.command()] {
		return nil
	}
	return refuse(CodeControlNotHeld, "holder", m.s.Control)
}

// withoutControl are the commands any controller may give.
var withoutControl = map[string]bool{
	TakeControl{}.command():      true,
	SendMessage{}.command():      true,
	ReadMessages{}.command():     true,
	DescribeIncident{}.command(): true,
}

// takeControl gives the token to the first controller whose command led to a
// fact after the meeting's creation.
func (m *Meeting) takeControl(e Event) {
	switch e.Fact.(type) {
	case MessageSent, MessagesRead, IncidentDescribed:
		return
	}
	if !m.s.Controlled && e.By.Role == RoleController && e.Seq > 1 && !m.away(e.By) {
		m.s.Controlled, m.s.Control = true, e.By.Name
	}
}
