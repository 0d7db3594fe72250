package meeting

// scope is which points a role may give a command for.
type scope uint8

const (
	nobody  scope = 0
	own     scope = 1 << 0 // the actor's own point
	others  scope = 1 << 1 // any other point
	anybody scope = own | others
)

// rights is the table role × command × own or other point. A role or command
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
	return rights[c.command()][by.Role]&need == need
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
