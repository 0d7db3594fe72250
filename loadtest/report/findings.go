package report

import "github.com/giaoban/giaoban/loadtest/scenario"

// The words of Finding.What.
const (
	SoundWithoutGrant = "sound-without-grant"
	CheatHeard        = "cheat-heard"
	WrongPicture      = "wrong-picture"
	WrongVoice        = "wrong-voice"
	DamagedPicture    = "damaged-picture"
	DamagedSound      = "damaged-sound"
	NoKeyframeFirst   = "no-keyframe-first"
	OwnMedia          = "own-media"
	LayoutMissed      = "layout-missed"
	PictureMissing    = "picture-missing"
	NotHeard          = "not-heard"
	PacketsMissing    = "packets-missing"
	ForeignSound      = "foreign-sound"
	NotJoined         = "not-joined"
	NotBack           = "not-back"
	Refused           = "refused"
	NothingMeasured   = "nothing-measured"
	OtherMeeting      = "other-meeting"
	LineSlow          = "line-slow"
	CrossedTwice      = "crossed-twice"
)

// nature is what a finding means.
type nature struct {
	name scenario.Text
	// certain: it is the server's fault whatever else the machine was doing. The
	// others may come from bots that could not keep up.
	certain bool
}

// natures explains every finding.
var natures = map[string]nature{
	SoundWithoutGrant: {scenario.Text{Vi: "có âm thanh của điểm cầu chưa được phát biểu", En: "sound of a point without the floor was heard"}, true},
	CheatHeard:        {scenario.Text{Vi: "âm thanh gian lận lọt qua máy chủ", En: "sound of a cheating client got through"}, true},
	WrongPicture:      {scenario.Text{Vi: "ô hình hiện sai điểm cầu", En: "a slot shows another point than the server says"}, true},
	WrongVoice:        {scenario.Text{Vi: "tiếng không đúng điểm cầu", En: "a voice is of another point than the server says"}, true},
	DamagedPicture:    {scenario.Text{Vi: "khung hình bị hỏng dù không mất gói", En: "a picture arrived damaged though no packet was lost"}, true},
	DamagedSound:      {scenario.Text{Vi: "gói âm thanh bị hỏng", En: "a packet of sound arrived damaged"}, true},
	NoKeyframeFirst:   {scenario.Text{Vi: "hình bắt đầu không bằng khung hình khóa", En: "a picture began without a keyframe"}, true},
	OwnMedia:          {scenario.Text{Vi: "điểm cầu nhận lại hình, tiếng của chính mình", En: "a point was sent its own picture or sound"}, true},
	LayoutMissed:      {scenario.Text{Vi: "điểm cầu không nhận bố cục mới", En: "a point missed a change of layout"}, false},
	PictureMissing:    {scenario.Text{Vi: "ô hình không có hình", En: "a slot stays without its picture"}, false},
	NotHeard:          {scenario.Text{Vi: "không nghe được điểm cầu đang phát biểu", En: "a speaker was not heard"}, false},
	PacketsMissing:    {scenario.Text{Vi: "mất gói", En: "packets are missing"}, false},
	ForeignSound:      {scenario.Text{Vi: "có âm thanh lạ", En: "sound that nobody of this run sent"}, true},
	NotJoined:         {scenario.Text{Vi: "điểm cầu không vào được cuộc họp", En: "a point did not get in"}, false},
	NotBack:           {scenario.Text{Vi: "điểm cầu không trở lại sau sự cố", En: "a point did not come back after a fault"}, false},
	Refused:           {scenario.Text{Vi: "máy chủ từ chối lệnh hợp lệ", En: "the server refused a rightful command"}, false},
	OtherMeeting:      {scenario.Text{Vi: "có hình, tiếng của cuộc họp khác", En: "picture or sound of another meeting arrived"}, true},
	LineSlow:          {scenario.Text{Vi: "đường kết nối giữa hai máy chủ bị chậm", En: "a line between two nodes is slow"}, false},
	CrossedTwice:      {scenario.Text{Vi: "một luồng đi hai lần qua một đường kết nối", En: "a stream crosses a line twice"}, true},
	NothingMeasured:   {scenario.Text{Vi: "phép đo không có số liệu", En: "nothing was measured"}, false},
}

// Name says what a finding is, in words.
func (f Finding) Name() scenario.Text { return natures[f.What].name }

// figureNames explains every figure.
var figureNames = map[string]scenario.Text{
	JoinToPicture:   {Vi: "Từ lúc vào đến hình đầu tiên", En: "Join to first picture"},
	GrantToInvited:  {Vi: "Từ lệnh mời đến lúc điểm cầu thấy lời mời", En: "Grant to invitation"},
	OKToAudible:     {Vi: "Từ lúc nhấn OK đến tiếng đầu tiên", En: "OK to audible"},
	RevokeToSilent:  {Vi: "Từ lúc ngắt micro đến im lặng", En: "Revoke to silent"},
	LayoutToPicture: {Vi: "Từ lúc đổi bố cục đến hình mới", En: "Layout to picture"},
	PictureLatency:  {Vi: "Độ trễ hình một chiều", En: "One-way latency of pictures"},
	SoundLatency:    {Vi: "Độ trễ tiếng một chiều", En: "One-way latency of sound"},
	Recovery:        {Vi: "Từ lúc máy chủ chạy lại đến lúc đủ hình", En: "Server back to every picture back"},
}

// Title says what a figure measures, in words.
func (f Figure) Title() scenario.Text { return figureNames[f.Name] }
