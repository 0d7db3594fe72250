package limit

import "time"

// The rows. A row's name is its own in docs/limits.md.
const (
	Connections      ID = "tcp.connections"
	MediaConnections ID = "tcp.media"
	Requests         ID = "http.requests"
	Streams          ID = "http.streams"
	Header           ID = "http.header"
	Scrapes          ID = "http.scrapes"
	Greetings        ID = "socket.greeting"
	Sockets          ID = "socket.open"
	Sessions         ID = "socket.sessions"
	Hellos           ID = "socket.hellos"
	Frames           ID = "socket.frames"
	Refusals         ID = "socket.refusals"
	Pings            ID = "socket.pings"
	Frame            ID = "socket.frame"
	Outbox           ID = "socket.outbox"
	Section          ID = "socket.section"
	Guesses          ID = "token.wrong"
	PinNear          ID = "pin.near"
	Pins             ID = "pin.entered"
	SignIns          ID = "signin.near"
	SignInPairs      ID = "signin.wrong"
	SignInNames      ID = "signin.name"
	Hashes           ID = "signin.hashes"
	PairingBegun     ID = "pairing.begun"
	Pairing          ID = "pairing.waiting"
	PairingClaims    ID = "pairing.claims"
	Calls            ID = "http.calls"
	Closings         ID = "commands.closing"
	PointFacts       ID = "facts.room"
	LinkCommands     ID = "link.commands"
	ChairFacts       ID = "facts.chair"
	ControllerFacts  ID = "facts.controller"
	OtherFacts       ID = "facts.others"
	FactsOfPoint     ID = "facts.point"
	Messages         ID = "messages"
	MessagesOfPoint  ID = "messages.point"
	Posted           ID = "commands.posted"
	Offers           ID = "offers.socket"
	OffersOf         ID = "offers"
	Visits           ID = "visits"
	EncoderVisits    ID = "visits.whip"
	FeedVisits       ID = "visits.feed"
	RoomVisits       ID = "visits.room"
	ChairVisits      ID = "visits.chair"
	ControllerVisits ID = "visits.controller"
	ObserverVisits   ID = "visits.observer"
	Lines            ID = "line.measured"
	Reports          ID = "minutes"
	ReportsAtOnce    ID = "minutes.at_once"
	Acts             ID = "operator.requests"
	Uploads          ID = "operator.uploads"
)

// What the refused are told; the words are in package wire.
const (
	codeRate        = "rate.limited"
	codeConnections = "connections.too_many"
	codeSignIn      = "signin.too_fast"
	codePairing     = "pairing.busy"
	codeBusy        = "server.busy"
	codeSlow        = "session.slow"
	codeBig         = "frame.too_big"
)

// standard is every bound of the node that somebody outside can reach.
var standard = []Row{
	{
		ID: Connections, What: "TCP connections to http, https and the nodes' door, each by itself", Per: PerNeighbourhood, Each: 2000, All: 8192,
		Note: "closed without a word. A hall of 250 rooms behind one address holds about 600. A socket that has said hello is never given away; of the others the longest silent of the greediest neighbourhood is.",
	},
	{
		ID: MediaConnections, What: "TCP connections to the media port, each address of it by itself", Per: PerNeighbourhood, Each: 512, All: 2048,
		Note: "closed without a word. One that brings packets is not silent.",
	},
	{
		ID: Requests, What: "HTTP requests in progress, but sockets", Per: PerNeighbourhood, Each: 1024, All: 4096, Code: codeRate, After: time.Second,
		Note: "A request has 10 s from its first byte to its last, unless its route says more; an answer has 60 s to be taken.",
	},
	{ID: Streams, What: "HTTP/2 streams of one connection", Per: PerNode, Each: 64, Note: "told by HTTP/2 itself (SETTINGS_MAX_CONCURRENT_STREAMS)."},
	{ID: Header, What: "header of a request", Per: PerNode, Bytes: 64 << 10, Note: "HTTP 431."},
	{ID: Scrapes, What: "readings of /metrics and of /metrics/clients at a time", Per: PerNode, Each: 4, Code: codeBusy, After: time.Second},
	{
		ID: Greetings, What: "sockets before their hello", Per: PerNeighbourhood, Each: 16, All: 256, Code: codeConnections, After: 2 * time.Second,
		Note: "A newcomer waits up to 5 s for a place. One that has been silent for a second is given to it; when all are taken, the longest silent of the greediest neighbourhood.",
	},
	{ID: Sockets, What: "sockets", Per: PerNeighbourhood, Each: 1000, All: 4096, Code: codeConnections, After: 5 * time.Second},
	{
		ID: Sessions, What: "sessions, with those whose socket was lost in the last 5 s", Per: PerPrincipal, Each: 32, Code: codeConnections, After: 5 * time.Second,
		Note: "One link may be on the walls of many halls.",
	},
	{ID: Hellos, What: "hellos", Per: PerPrincipal, Burst: 40, Every: 500 * time.Millisecond, Code: codeRate, Note: "All sessions of a link come back at once after a restart."},
	{ID: Frames, What: "frames, but closing commands", Per: PerSocket, Burst: 100, Every: 20 * time.Millisecond, Code: codeRate},
	{ID: Refusals, What: "frames refused", Per: PerSocket, Burst: 500, Every: 20 * time.Millisecond, Note: "the socket is closed."},
	{ID: Pings, What: "pings, and pongs nobody asked for", Per: PerSocket, Burst: 50, Every: 200 * time.Millisecond, Note: "the socket is closed."},
	{ID: Frame, What: "one frame, and the body of a command, an offer or a candidate", Per: PerSocket, Bytes: FrameBytes, Code: codeBig},
	{
		ID: Outbox, What: "bytes waiting to be sent", Per: PerSocket, Bytes: 2 << 20, Code: codeSlow,
		Note: "the socket is closed and may come back to a whole view. While 64 kB or 32 frames wait, views wait too, and only the newest of each section goes.",
	},
	{
		ID: Section, What: "a section of a view that is sent again at once", Per: PerSocket, Bytes: 32 << 10,
		Note: "nobody is refused: a longer one goes at most once a second, the newest.",
	},
	{ID: Guesses, What: "wrong tokens", Per: PerNeighbourhood, Burst: 20, Every: 3 * time.Second, Code: codeRate, Note: "A right token is never refused."},
	{ID: PinNear, What: "PINs entered", Per: PerNeighbourhood, Burst: 30, Every: 3 * time.Second, Code: codeRate, Note: "Judged before the PIN is; a right one is not counted."},
	{ID: Pins, What: "PINs entered", Per: PerPrincipal, Burst: 5, Every: 30 * time.Second, Code: codeRate, Note: "As above."},
	{ID: SignIns, What: "sign-ins that failed", Per: PerNeighbourhood, Burst: 20, Every: 6 * time.Second, Code: codeSignIn, Note: "Judged before any password is hashed."},
	{ID: SignInPairs, What: "sign-ins that failed of one name", Per: PerNeighbourhood, Burst: 5, Every: 30 * time.Second, Code: codeSignIn},
	{
		ID: SignInNames, What: "sign-ins that failed, of strangers", Per: PerName, Burst: 50, Every: 6 * time.Second, Code: codeSignIn,
		Note: "A neighbourhood from which the name has signed in is no stranger: others cannot shut it out.",
	},
	{
		ID: Hashes, What: "passwords waiting to be hashed, one at a time at low priority", Per: PerNeighbourhood, Each: 4, All: 16, Code: codeBusy, After: 2 * time.Second,
		Note: "One takes about 30 ms of one processor and 19 MiB.",
	},
	{ID: PairingBegun, What: "codes asked for by devices without a point", Per: PerNeighbourhood, Burst: 30, Every: 2 * time.Second, Code: codeSignIn},
	{
		ID: Pairing, What: "devices that show a code", Per: PerNeighbourhood, Each: 32, All: 1000, Code: codePairing, After: 30 * time.Second,
		Note: "When all are taken, a newcomer is given the place of the device that has not asked for longest, of the greediest neighbourhood or its own.",
	},
	{ID: PairingClaims, What: "wrong codes typed", Per: PerPrincipal, Burst: 10, Every: 10 * time.Second, Code: codeSignIn},
	{ID: Calls, What: "requests with a token, but commands", Per: PerPrincipal, Burst: 100, Every: 20 * time.Millisecond, Code: codeRate},
	{ID: Closings, What: "closing commands", Per: PerPrincipal, Burst: 50, Every: 50 * time.Millisecond, Note: "nobody is refused: the next one waits its turn."},
	{
		ID: LinkCommands, What: "commands and attachments of the node at the other end of a link, but closing commands", Per: PerNode, Burst: 500, Every: 5 * time.Millisecond,
		Note: "nobody is refused: the link is read no faster. A hundred rooms that come back at once are under it.",
	},
	{
		ID: PointFacts, What: "commands of a room or a focal officer, but messages and closing commands", Per: PerPrincipal, Burst: 10, Every: 200 * time.Millisecond, Code: codeRate,
		Note: "A person at a page with a dozen keys presses fewer.",
	},
	{ID: ChairFacts, What: "commands of a chair, but messages and closing commands", Per: PerPrincipal, Burst: 30, Every: 100 * time.Millisecond, Code: codeRate},
	{
		ID: ControllerFacts, What: "commands of a controller or an operator, but messages and closing commands", Per: PerPrincipal, Burst: 100, Every: 50 * time.Millisecond, Code: codeRate,
		Note: "The console's keys do not repeat while held, so 20 a second are two hands at work; a script readies a meeting in one burst.",
	},
	{ID: OtherFacts, What: "commands of anybody else", Per: PerPrincipal, Burst: 10, Every: 500 * time.Millisecond, Code: codeRate},
	{ID: FactsOfPoint, What: "commands of a point, of all its devices and officers", Per: PerPoint, Burst: 40, Every: 50 * time.Millisecond, Code: codeRate},
	{ID: Messages, What: "messages", Per: PerPrincipal, Burst: 5, Every: time.Second, Code: codeRate},
	{ID: MessagesOfPoint, What: "messages of a point, of all its devices and officers", Per: PerPoint, Burst: 15, Every: time.Second / 3, Code: codeRate},
	{ID: Posted, What: "commands over HTTP in progress", Per: PerPrincipal, Each: 4, Code: codeRate, After: time.Second, Note: "A closing command waits for its turn and is not refused for this."},
	{ID: Offers, What: "media offers", Per: PerSocket, Burst: 5, Every: time.Second, Code: codeRate, Note: "One takes about 7 ms of one processor."},
	{ID: OffersOf, What: "media offers, of all its sockets, WHIP and WHEP", Per: PerPrincipal, Burst: 40, Every: 200 * time.Millisecond, Code: codeRate},
	{ID: Visits, What: "WHEP players", Per: PerPrincipal, Each: 2, Code: codeConnections, After: 5 * time.Second},
	{ID: EncoderVisits, What: "WHIP encoders of rooms", Per: PerNode, Each: 64, Code: codeConnections, After: 5 * time.Second, Note: "A token has one; its next takes the place of the one before."},
	{ID: FeedVisits, What: "WHIP encoders of relay sources", Per: PerNode, Each: 16, Code: codeConnections, After: 5 * time.Second, Note: "As above."},
	{ID: RoomVisits, What: "WHEP players of rooms", Per: PerNode, Each: 32, Code: codeConnections, After: 5 * time.Second},
	{ID: ChairVisits, What: "WHEP players of chairs", Per: PerNode, Each: 8, Code: codeConnections, After: 5 * time.Second},
	{ID: ControllerVisits, What: "WHEP players of controllers", Per: PerNode, Each: 16, Code: codeConnections, After: 5 * time.Second},
	{ID: ObserverVisits, What: "WHEP players of observers", Per: PerNode, Each: 32, Code: codeConnections, After: 5 * time.Second},
	{ID: Lines, What: "lines being measured", Per: PerPrincipal, Each: 1, All: 4, Code: codeRate, After: 8 * time.Second, Note: "A measurement ends after 8 s or 2 MB."},
	{ID: Reports, What: "minutes, journals and snapshots read", Per: PerPrincipal, Burst: 20, Every: time.Second, Code: codeRate},
	{ID: ReportsAtOnce, What: "minutes and journals being written", Per: PerPrincipal, Each: 1, All: 2, Code: codeBusy, After: 2 * time.Second, Note: "Each is a fold of the whole log. One waits up to 5 s for its turn."},
	{ID: Acts, What: "requests to the operator's interface", Per: PerPrincipal, Burst: 100, Every: 50 * time.Millisecond, Code: codeRate, Note: "Of nobody yet: per neighbourhood."},
	{ID: Uploads, What: "bodies above 64 kB being read", Per: PerPrincipal, Each: 1, All: 2, Code: codeBusy, After: 5 * time.Second, Note: "An import has up to 128 MB."},
}

// FrameBytes is the figure of Frame, for package wire.
const FrameBytes = 256 << 10
