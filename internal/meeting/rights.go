package meeting

// scope is which points a role may give a command for.
type scope uint8

const (
	nobody  scope = 0
	own     scope = 1 << 0 // the actor's own point
	others  scope = 1 << 1 // any other point
	anybody scope = own | others
)

// rights is the table role × command × own or other point at the leader's node;
// repair below is what of it other nodes have. A role or command
// that is not in it has no right. A command without a point is for anybody or
// nobody. Art 9.1.a gives layout to the controller, Art 9.2.a the invitation
// to the chair's side; Art 9.2.c leaves a room
// and its officer their own point only, and no officer opens a microphone from
// afar.
var rights = map[string]map[Role]scope{
	CreateMeeting{}.command(): {RoleController: anybody, RoleOperator: anybody, RoleNode: anybody},
	OpenLobby{}.command():     {RoleController: anybody, RoleOperator: anybody},
	StartMeeting{}.command():  {RoleChair: anybody, RoleController: anybody, RoleOperator: anybody},
	LockMeeting{}.command():   {RoleController: anybody},
	BeginClosing{}.command():  {RoleChair: anybody, RoleController: anybody},
	ReleaseAll{}.command():    {RoleController: anybody},
	EndMeeting{}.command():    {RoleChair: anybody, RoleController: anybody, RoleOperator: anybody},
	MoveChair{}.command():     {RoleController: anybody, RoleOperator: anybody},
	Rehome{}.command():        {RoleController: anybody, RoleOperator: anybody},
	TakeControl{}.command():   {RoleController: anybody},

	Connect{}.command():       {RoleNode: anybody},
	Lose{}.command():          {RoleNode: anybody},
	AskTakeover{}.command():   {RoleNode: anybody, RoleRoom: own},
	AllowTakeover{}.command(): {RoleController: anybody},
	ReadmitPoint{}.command():  {RoleController: anybody},
	ReleasePoint{}.command():  {RoleController: anybody},
	SummonPoint{}.command():   {RoleController: anybody},
	LeavePoint{}.command():    {RoleRoom: own, RoleFocal: own, RoleNode: anybody},
	FinishPoint{}.command():   {RoleRoom: own, RoleFocal: own, RoleController: anybody},
	CheckPoint{}.command():    {RoleRoom: own, RoleFocal: own},

	RequestFloor{}.command():    {RoleRoom: own, RoleFocal: own, RoleChair: own},
	CancelRequest{}.command():   {RoleRoom: own, RoleFocal: own, RoleChair: own},
	ReleaseFloor{}.command():    {RoleRoom: own, RoleFocal: own, RoleChair: own},
	AnnotateRequest{}.command(): {RoleController: anybody},
	MoveRequest{}.command():     {RoleController: anybody},
	AcceptRequest{}.command():   {RoleController: anybody},
	DeferRequest{}.command():    {RoleChair: anybody, RoleController: anybody},

	GrantFloor{}.command():   {RoleChair: anybody, RoleController: anybody},
	DenyFloor{}.command():    {RoleChair: anybody, RoleController: anybody},
	RevokeFloor{}.command():  {RoleChair: anybody, RoleController: anybody},
	GiveFloor{}.command():    {RoleChair: anybody, RoleController: anybody},
	CloseAll{}.command():     {RoleChair: anybody, RoleController: anybody},
	SetMode{}.command():      {RoleChair: anybody, RoleController: anybody},
	SetTimeLimit{}.command(): {RoleChair: anybody, RoleController: anybody},
	ExtendFloor{}.command():  {RoleChair: anybody, RoleController: anybody},

	SetProgramme{}.command(): {RoleController: anybody},
	InviteNext{}.command():   {RoleChair: anybody, RoleController: anybody},
	MarkEntry{}.command():    {RoleChair: anybody, RoleController: anybody},

	SwitchOn{}.command():        {RoleRoom: own, RoleChair: own},
	SwitchOff{}.command():       {RoleRoom: own, RoleFocal: own, RoleChair: own},
	SetCamera{}.command():       {RoleRoom: own, RoleChair: own},
	LockContent{}.command():     {RoleController: anybody},
	SetContentSound{}.command(): {RoleRoom: own, RoleChair: own},

	OpenFeed{}.command():  {RoleController: anybody},
	CloseFeed{}.command(): {RoleChair: anybody, RoleController: anybody},

	StartRollCall{}.command():  {RoleController: anybody},
	CallNext{}.command():       {RoleController: anybody},
	MarkPoint{}.command():      {RoleController: anybody},
	PauseRollCall{}.command():  {RoleController: anybody},
	FinishRollCall{}.command(): {RoleController: anybody},

	DescribeIncident{}.command(): {RoleRoom: own, RoleFocal: own, RoleController: anybody, RoleCarrier: anybody},
	SendMessage{}.command():      {RoleRoom: anybody, RoleChair: anybody, RoleFocal: anybody, RoleController: anybody},
	ReadMessages{}.command():     {RoleRoom: anybody, RoleFocal: anybody, RoleController: anybody},

	SetLayout{}.command():     {RoleController: anybody},
	ClearLayout{}.command():   {RoleController: anybody},
	UndoLayout{}.command():    {RoleController: anybody},
	SaveLayout{}.command():    {RoleController: anybody},
	TakeSaved{}.command():     {RoleController: anybody},
	DeleteSaved{}.command():   {RoleController: anybody},
	SetRotation{}.command():   {RoleController: anybody},
	PauseRotation{}.command(): {RoleController: anybody},
	SetBanner{}.command():     {RoleController: anybody},
	ClearBanner{}.command():   {RoleController: anybody},

	LoseNode{}.command():     {RoleNode: anybody},
	FindNode{}.command():     {RoleNode: anybody},
	OrderRelay{}.command():   {RoleController: anybody, RoleOperator: anybody},
	Fork{}.command():         {RoleController: anybody, RoleOperator: anybody},
	Rejoin{}.command():       {RoleNode: anybody},
	ReportIsland{}.command(): {RoleNode: anybody},
}

// repair is what a controller or operator of a node below the leader's keeps
// (Art 6.3: the Centre operates an interconnected meeting): to bring points of
// their own part of the tree back, to say what is wrong with them, and to order
// a relay (Art 5.4.a). Everything else is the controller's at the root.
var repair = map[string]bool{
	AllowTakeover{}.command():    true,
	ReadmitPoint{}.command():     true,
	SummonPoint{}.command():      true,
	FinishPoint{}.command():      true,
	DescribeIncident{}.command(): true,
	SendMessage{}.command():      true,
	ReadMessages{}.command():     true,
	OrderRelay{}.command():       true,
}

// presence is what a node below may say of itself: which of its rooms come and go,
// its links, and what became of an island. Nothing else is a node's to say.
var presence = map[string]bool{
	Connect{}.command():      true,
	Lose{}.command():         true,
	LeavePoint{}.command():   true,
	LoseNode{}.command():     true,
	FindNode{}.command():     true,
	ReportIsland{}.command(): true,
}

// away reports whether the actor signed in at another node than the leader's.
func (m *Meeting) away(by Actor) bool { return by.Node != "" && by.Node != m.s.Home }

// mayFrom reports whether the actor's node may give c for target. A node below
// speaks for the points of its own part of the tree; the chair, whose point is
// one of them, for every point.
func (m *Meeting) mayFrom(by Actor, c Command, target PointID) bool {
	if !m.away(by) {
		return true
	}
	ours := func(id PointID) bool {
		p := m.point(id)
		return p != nil && p.Node.Within(by.Node)
	}
	switch {
	case by.Role == RoleNode && !presence[c.command()]:
		return false
	case by.Role == RoleController || by.Role == RoleOperator:
		return repair[c.command()] && (target == "" || ours(target))
	case by.Role == RoleChair:
		return ours(by.Point)
	case by.Point != "" && !ours(by.Point):
		return false
	}
	return target == "" || ours(target)
}

// may reports whether the actor has the right to give c, whose point is
// target ("" if it has none).
func (m *Meeting) may(by Actor, c Command, target PointID) bool {
	if by.Role == RoleChair && by.Point != m.s.ChairPoint {
		return false // chair of another meeting: the role is bound to the point (Art 2.2)
	}
	need := anybody
	if target != "" {
		need = others
		if target == by.Point {
			need = own
		}
	}
	return rights[c.command()][by.Role]&need == need && m.mayFrom(by, c, target)
}

// target is the point a command is for, an empty one being the actor's own;
// it is "" for a command without a point.
func target(c Command, by Actor) PointID {
	pointed, ok := c.(pointCommand)
	if !ok {
		return ""
	}
	if p := pointed.target(); p != "" {
		return p
	}
	return by.Point
}
