package report

import "github.com/giaoban/giaoban/internal/meeting"

func (f Format) mark(on bool) string {
	if !on {
		return ""
	}
	return f.word([2]string{"Có", "Yes"})
}

func (f Format) result(s meeting.MarkState) string {
	return f.word(map[meeting.MarkState][2]string{
		meeting.MarkPresent: {"Có mặt", "Present"}, meeting.MarkAbsent: {"Vắng", "Absent"}, meeting.MarkLate: {"Muộn", "Late"},
	}[s])
}

func (f Format) role(r meeting.Role) string {
	return f.word(map[meeting.Role][2]string{
		meeting.RoleChair: {"Chủ trì", "Chair"}, meeting.RoleController: {"Kỹ thuật điều khiển", "Controller"},
		meeting.RoleRoom: {"Điểm cầu", "Bridge point"}, meeting.RoleFocal: {"Cán bộ đầu mối", "Focal officer"},
		meeting.RoleOperator: {"Cơ quan vận hành", "Operator"}, meeting.RoleCarrier: {"Đơn vị cung cấp đường truyền", "Carrier"},
		meeting.RoleNode: {"Máy chủ", "Server"},
	}[r])
}

func (f Format) why(w meeting.Why) string {
	if w == "" {
		return ""
	}
	words, ok := whys[w]
	if !ok {
		return string(w)
	}
	return f.word(words)
}

var whys = map[meeting.Why][2]string{
	meeting.WhyOwn: {"Tự kết thúc", "Finished"}, meeting.WhyCut: {"Ngắt micro", "Cut"}, meeting.WhyNext: {"Mời người tiếp theo", "The next was invited"},
	meeting.WhyMode: {"Đổi chế độ", "The mode changed"}, meeting.WhyAll: {"Tắt micro tất cả", "All were closed"}, meeting.WhyLost: {"Mất kết nối", "Disconnected"},
	meeting.WhyTakeover: {"Đổi thiết bị", "Another device"}, meeting.WhyEnded: {"Kết thúc cuộc họp", "The meeting ended"}, meeting.WhyTime: {"Hết thời gian", "Time was up"},
	meeting.WhyStarted: {"Cuộc họp bắt đầu", "The meeting opened"}, meeting.WhyMoved: {"Chuyển điểm cầu chủ tọa", "The chair point moved"}, meeting.WhyLeft: {"Rời cuộc họp", "Left the meeting"},
}

// act is a fact in words; one without words stands as it is.
func (f Format) act(fact string) string {
	words, ok := acts[fact]
	if !ok {
		return fact
	}
	return f.word(words)
}

var acts = map[string][2]string{
	"meeting.created": {"Tạo cuộc họp", "Meeting created"}, "meeting.lobbyOpened": {"Mở phòng chờ", "Lobby opened"}, "meeting.started": {"Bắt đầu cuộc họp", "Meeting opened"},
	"meeting.closingBegun": {"Bắt đầu kiểm tra kết thúc", "Closing checks began"}, "meeting.released": {"Cho phép tất cả ngắt kết nối", "All released"}, "meeting.ended": {"Kết thúc cuộc họp", "Meeting ended"},
	"meeting.locked": {"Khóa, mở khóa cuộc họp", "Meeting locked or unlocked"}, "meeting.chairMoved": {"Chuyển điểm cầu chủ tọa", "Chair point moved"}, "meeting.rehomed": {"Chuyển sang hệ thống khác", "Moved to another system"},
	"journal.restored": {"Ghi lại được nhật ký sau khi gián đoạn; mọi micro đã tắt", "The log could be written again; every microphone was closed"},
	"control.taken":    {"Nhận quyền điều khiển", "Took control"},
	"floor.requested":  {"Đưa vào danh sách", "Put in the queue"}, "floor.granted": {"Mời phát biểu", "Invited to speak"}, "floor.denied": {"Chưa mời phát biểu", "Not now"}, "floor.revoked": {"Ngắt micro", "Microphone cut"},
	"floor.cancelled": {"Rút khỏi danh sách", "Taken out of the queue"}, "floor.annotated": {"Ghi chú đăng ký", "Note on a request"}, "floor.moved": {"Xếp lại danh sách", "Queue reordered"},
	"floor.accepted": {"Gửi Chủ trì", "Passed to the chair"}, "floor.deferred": {"Để sau", "Later"}, "floor.modeSet": {"Chế độ phát biểu", "Speaking mode"},
	"floor.timeLimitSet": {"Thời gian phát biểu", "Time limit"}, "floor.extended": {"Thêm thời gian", "Time extended"},
	"programme.set": {"Thứ tự phát biểu", "Speaking order"}, "programme.marked": {"Đánh dấu thứ tự phát biểu", "Speaking order marked"},
	"mic.switchedOn": {"Bật micro", "Microphone on"}, "mic.switchedOff": {"Tắt micro", "Microphone off"}, "camera.set": {"Bật, tắt camera", "Camera on or off"},
	"content.locked": {"Khóa, mở khóa trình chiếu", "Presentations locked or unlocked"},
	"layout.set":     {"Lên hình", "Layout taken"}, "layout.cleared": {"Bỏ bố cục riêng", "Layout cleared"}, "layout.saved": {"Lưu bố cục", "Layout saved"}, "layout.savedDeleted": {"Xóa bố cục đã lưu", "Saved layout deleted"},
	"rotation.set": {"Hiển thị luân phiên", "Rotation"}, "rotation.paused": {"Tạm dừng luân phiên", "Rotation held or resumed"},
	"relay.ordered": {"Lệnh chuyển tiếp", "Relay ordered"}, "feed.opened": {"Mở nguồn chuyển tiếp", "Relay source opened"}, "feed.closed": {"Ngắt nguồn chuyển tiếp", "Relay source cut"},
	"banner.set": {"Dòng thông báo", "Banner"}, "banner.cleared": {"Bỏ dòng thông báo", "Banner cleared"},
	"rollcall.started": {"Bắt đầu điểm danh", "Roll call began"}, "rollcall.called": {"Gọi điểm danh", "Called"}, "rollcall.marked": {"Điểm danh", "Marked"}, "rollcall.paused": {"Tạm dừng điểm danh", "Roll call held or resumed"}, "rollcall.finished": {"Kết thúc điểm danh", "Roll call finished"},
	"incident.described": {"Cập nhật sự cố", "Incident described"},
	"point.readmitted":   {"Cho kết nối lại", "Readmitted"}, "point.released": {"Cho phép ngắt kết nối", "Released"}, "point.summoned": {"Gọi điểm cầu", "Called point"}, "point.finished": {"Kiểm tra kết thúc", "Closing check"},
	"point.left": {"Tự ý hủy kết nối", "Left without release"}, "point.takenOver": {"Chuyển thiết bị", "Moved to another device"},
}
