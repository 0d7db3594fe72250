package wire

import (
	"fmt"
	"slices"
	"strings"

	"github.com/giaoban/giaoban/internal/catalog"
	"github.com/giaoban/giaoban/internal/meeting"
)

// The codes of the protocol itself; those of the core are in package meeting.
// The list is append-only.
const (
	CodeFrameMalformed     meeting.Code = "frame.malformed"
	CodeFrameTooBig        meeting.Code = "frame.too_big"
	CodeMessageUnknown     meeting.Code = "message.unknown"
	CodeHelloExpected      meeting.Code = "hello.expected"
	CodeTokenInvalid       meeting.Code = "token.invalid"
	CodeOriginDenied       meeting.Code = "origin.denied"
	CodeRateLimited        meeting.Code = "rate.limited"
	CodeTooManyConnections meeting.Code = "connections.too_many"
	CodeMeetingNone        meeting.Code = "meeting.none"
	CodeMeetingFailed      meeting.Code = "meeting.failed"
	CodeMediaInvalid       meeting.Code = "media.invalid"
	CodeMediaBusy          meeting.Code = "media.busy"
	CodeSessionReplaced    meeting.Code = "session.replaced"
	CodeSessionTakenOver   meeting.Code = "session.taken_over"
	CodeSessionSlow        meeting.Code = "session.slow"
	CodeJournalUnavailable meeting.Code = "journal.unavailable"
	CodeJournalOwed        meeting.Code = "journal.owed"
	CodeServerBusy         meeting.Code = "server.busy"
	CodeServerFailed       meeting.Code = "server.failed"
	CodeServerDraining     meeting.Code = "server.draining"
	CodeNodeStopping       meeting.Code = "node.stopping"
	CodePinWrong           meeting.Code = "pin.wrong"
	CodeMeetingLed         meeting.Code = "meeting.led_elsewhere"
	CodeTokenDevice        meeting.Code = "token.device"
	CodeSignInWrong        meeting.Code = "signin.wrong"
	CodeSignInTooFast      meeting.Code = "signin.too_fast"
	CodeSignInNeeded       meeting.Code = "signin.needed"
	CodePasswordWeak       meeting.Code = "password.weak"
	CodeUserExists         meeting.Code = "user.exists"
	CodeUserInvalid        meeting.Code = "user.invalid"
	CodeUserUnknown        meeting.Code = "user.unknown"
	CodeLinkUnknown        meeting.Code = "link.unknown"
	CodePairingCode        meeting.Code = "pairing.code"
	CodePairingBusy        meeting.Code = "pairing.busy"
	CodeFileInvalid        meeting.Code = "file.invalid"
	CodeChangedMeanwhile   meeting.Code = "changed.meanwhile"
	CodeAuditBroken        meeting.Code = "audit.broken"
	CodePathUnknown        meeting.Code = "path.unknown"
	CodeBodyType           meeting.Code = "body.type"
	CodeVisitUnknown       meeting.Code = "visit.unknown"
	CodeTagMissing         meeting.Code = "tag.missing"
	CodeTagStale           meeting.Code = "tag.stale"
	CodeOfferRefused       meeting.Code = "offer.refused"
	CodeLinkLost           meeting.Code = "link.lost"
	CodeLinkThere          meeting.Code = "link.there"
	CodeStoreDamaged       meeting.Code = "store.damaged"
	CodePointsCalled       meeting.Code = "meeting.points_called"
	CodePersonNeeded       meeting.Code = "person.needed"
)

// CodeInfo is what a code means: its HTTP status and a sentence in both
// languages. A sentence says what is so and what to do, and blames nobody.
// {name} stands for the argument of that name.
type CodeInfo struct {
	Code   meeting.Code
	Status int
	Vi, En string
}

var codes = []CodeInfo{
	{meeting.CodeRights, 403, "Quyền của trang này không gồm thao tác vừa chọn.", "This page's role does not include that action."},
	{meeting.CodeMeetingEnded, 409, "Cuộc họp đã kết thúc.", "The meeting has ended."},
	{meeting.CodeMeetingExists, 409, "Đã có cuộc họp với mã này.", "A meeting with this id exists already."},
	{meeting.CodeMeetingUnknown, 404, "Không tìm thấy cuộc họp này trên máy chủ.", "This meeting is not on the server."},
	{meeting.CodeMeetingInvalid, 422, "Thông tin cuộc họp chưa đủ hoặc chưa đúng.", "The meeting's details are incomplete or not valid."},
	{meeting.CodePointUnknown, 404, "Điểm cầu này không có trong cuộc họp.", "That bridge point is not in the meeting."},
	{meeting.CodePointAbsent, 409, "Điểm cầu này chưa kết nối.", "That bridge point is not connected."},
	{meeting.CodePointInUse, 409, "Điểm cầu này đang hoạt động trên thiết bị khác. Có thể gửi yêu cầu chuyển sang thiết bị này.", "The bridge point is in use on another device. You may ask to move it to this one."},
	{meeting.CodePointNotAsking, 409, "Không có thiết bị nào đang xin chuyển điểm cầu này.", "No other device is asking for that bridge point."},
	{meeting.CodeFloorClosed, 409, "Hiện chỉ Chủ trì phát biểu; chưa nhận đăng ký phát biểu.", "Only the chair speaks now; requests to speak are not taken."},
	{meeting.CodeFloorQueueFull, 409, "Danh sách đăng ký đã đủ. Đề nghị đăng ký lại sau.", "The request queue is full. Please ask again later."},
	{meeting.CodeFloorAlready, 409, "Điểm cầu đã đăng ký hoặc đã được mời phát biểu.", "The bridge point has already asked or been invited."},
	{meeting.CodeFloorNotAsked, 409, "Điểm cầu này không có trong Danh sách đăng ký.", "That bridge point is not in the request queue."},
	{meeting.CodeFloorNotGranted, 409, "Điểm cầu chưa được mời phát biểu.", "The bridge point has not been invited to speak."},
	{meeting.CodeFloorFull, 409, "Đã đủ số điểm cầu cùng phát biểu. Kết thúc một lượt phát biểu trước khi mời thêm.", "All floors are taken. Finish one before inviting another."},
	{meeting.CodeModeInvalid, 422, "Chế độ phát biểu này không dùng được.", "That speaking mode cannot be used."},
	{meeting.CodeLayoutInvalid, 422, "Bố cục hiển thị chưa đúng: kiểm tra số ô và điểm cầu của từng ô.", "The layout is not valid: check the number of tiles and what each shows."},
	{meeting.CodeProgrammeEmpty, 409, "Thứ tự phát biểu không còn điểm cầu nào đang chờ và đã kết nối.", "No connected bridge point is waiting in the speaking order."},
	{meeting.CodeContentLocked, 409, "Trình chiếu do Kỹ thuật điều khiển mời.", "Presentations are handed out by the controller now."},
	{meeting.CodeControlNotHeld, 409, "Quyền điều khiển đang thuộc về kỹ thuật khác. Chọn Nhận quyền điều khiển để tiếp tục.", "Another controller is in control. Take control to go on."},
	{meeting.CodeMeetingNotOpen, 409, "Phòng chờ của cuộc họp chưa mở. Hệ thống sẽ tự kết nối khi đến giờ.", "The lobby has not opened yet. The page connects by itself when it does."},
	{meeting.CodeMeetingNotStarted, 409, "Cuộc họp chưa bắt đầu; hiện chỉ kết nối thử.", "The meeting has not been opened; points are only tested now."},
	{meeting.CodeMeetingNotClosing, 409, "Cuộc họp chưa đến bước kiểm tra kết thúc.", "The closing checks have not begun."},
	{meeting.CodeMeetingLocked, 409, "Cuộc họp đã khóa. Kỹ thuật điều khiển sẽ cho kết nối.", "The meeting is locked. The controller lets bridge points in."},
	{meeting.CodePointWaits, 409, "Điểm cầu đang chờ Kỹ thuật điều khiển cho kết nối lại.", "The bridge point waits for the controller to readmit it."},
	{meeting.CodePointNotReleased, 409, "Kỹ thuật điều khiển chưa cho phép ngắt kết nối.", "The controller has not released this bridge point yet."},
	{meeting.CodeLayoutFull, 409, "Đã đủ số bố cục được lưu. Xóa một bố cục trước khi lưu thêm.", "All places for saved layouts are taken. Delete one before saving another."},
	{meeting.CodeLayoutUnknown, 404, "Không có bố cục đã lưu với tên này.", "There is no saved layout of that name."},
	{meeting.CodeRollCallRunning, 409, "Đang điểm danh. Kết thúc lần điểm danh này trước khi bắt đầu lần mới.", "A roll call is under way. Finish it before starting another."},
	{meeting.CodeRollCallNone, 409, "Chưa bắt đầu điểm danh.", "No roll call is under way."},
	{meeting.CodeRollCallPaused, 409, "Điểm danh đang tạm dừng. Chọn tiếp tục để gọi điểm cầu.", "The roll call is interrupted. Resume it to call a bridge point."},
	{meeting.CodeRollCallDone, 409, "Tất cả điểm cầu đã được điểm danh.", "Every bridge point has been marked."},
	{meeting.CodeIncidentNone, 404, "Điểm cầu này không có sự cố.", "That bridge point has no incident."},
	{meeting.CodePointLeft, 409, "Điểm cầu đã rời cuộc họp. Kỹ thuật điều khiển gọi lại khi cần.", "The bridge point has left the meeting. The controller calls it when it is needed again."},
	{meeting.CodeFeedNone, 409, "Điểm cầu này không phải là nguồn chuyển tiếp.", "That bridge point is not a relay source."},
	{meeting.CodeFeedByOrder, 409, "Nguồn chuyển tiếp được mở theo lệnh chuyển tiếp, không mời phát biểu.", "A relay source is opened by an order, not invited to speak."},
	{meeting.CodeValueInvalid, 422, "Một giá trị trong yêu cầu chưa đúng.", "A value in the request is not valid."},

	{CodeFrameMalformed, 400, "Máy chủ không đọc được yêu cầu. Tải lại trang; nếu còn lặp lại, báo kỹ thuật mã này.", "The server could not read the request. Reload the page; if it repeats, tell the technician this code."},
	{CodeFrameTooBig, 413, "Yêu cầu dài quá mức cho phép.", "The request is longer than allowed."},
	{CodeMessageUnknown, 400, "Máy chủ không biết lệnh này. Trang và máy chủ có thể khác phiên bản: tải lại trang.", "The server does not know this command. The page and server may differ in version: reload the page."},
	{CodeHelloExpected, 400, "Kết nối phải bắt đầu bằng lời chào hello.", "The connection must begin with hello."},
	{CodeTokenInvalid, 401, "Đường dẫn truy cập không còn hiệu lực. Lấy đường dẫn mới từ cơ quan vận hành.", "This access link is no longer valid. Get a new one from the operator."},
	{CodeOriginDenied, 403, "Trang mở từ địa chỉ khác với máy chủ. Mở lại bằng đúng địa chỉ của máy chủ.", "The page comes from another address than the server. Open it at the server's own address."},
	{CodeRateLimited, 429, "Thao tác quá nhanh. Đợi một giây rồi làm lại.", "Too many actions at once. Wait a second and try again."},
	{CodeTooManyConnections, 429, "Địa chỉ này đang mở quá nhiều kết nối. Đóng bớt trang rồi thử lại.", "This address has too many connections open. Close some pages and try again."},
	{CodeMeetingNone, 404, "Hiện chưa có cuộc họp.", "There is no meeting now."},
	{CodeMeetingFailed, 503, "Máy chủ gặp sự cố với cuộc họp này; mọi micro đã tắt. Báo cơ quan vận hành.", "The server met a fault with this meeting; every microphone is closed. Tell the operator."},
	{CodeMediaInvalid, 422, "Trình duyệt và máy chủ chưa thống nhất được hình, tiếng. Tải lại trang.", "The browser and the server could not agree on media. Reload the page."},
	{CodeMediaBusy, 409, "Hình, tiếng của điểm cầu này đang được thiết lập. Hệ thống sẽ tự thử lại.", "Media of this bridge point is being set up. The page will try again by itself."},
	{CodeSessionReplaced, 409, "Trang này đã được mở lại ở cửa sổ khác.", "This page has been opened again in another window."},
	{CodeSessionTakenOver, 409, "Điểm cầu đã chuyển sang thiết bị khác.", "The bridge point has moved to another device."},
	{CodeSessionSlow, 503, "Đường truyền đến trang này quá chậm. Hệ thống đang tự kết nối lại.", "The line to this page is too slow. It is reconnecting by itself."},
	{CodeJournalUnavailable, 503, "Máy chủ chưa ghi được nhật ký nên chưa thực hiện lệnh. Mọi micro đang tắt. Báo cơ quan vận hành kiểm tra ổ đĩa.", "The server could not write its journal, so nothing was changed. Every microphone is closed. Ask the operator to check the disk."},
	{CodeJournalOwed, 503, "Micro đã tắt. Máy chủ chưa ghi được nhật ký; việc này sẽ được ghi khi ghi lại được.", "The microphone is closed. The server cannot write its journal now; this will be put on record as soon as it can."},
	{CodeServerBusy, 503, "Máy chủ đang bận, lệnh có thể chưa thực hiện. Thử lại sau một giây.", "The server is busy and may not have carried out the command. Try again in a second."},
	{CodeServerFailed, 500, "Máy chủ gặp sự cố khi xử lý. Hệ thống đang tự khôi phục.", "The server met a fault. It is recovering by itself."},
	{CodeServerDraining, 503, "Máy chủ đang khởi động lại. Hệ thống sẽ tự kết nối lại.", "The server is restarting. The page will reconnect by itself."},
	{CodePinWrong, 403, "Mã PIN chưa đúng.", "That PIN is not right."},
	{meeting.CodeNumberUsed, 409, "Số lệnh {id} không lớn hơn số {last} đã dùng, nên lệnh chưa được thực hiện. Gửi lại với số lớn hơn.", "The command's number {id} is not above {last}, which was used before, so nothing was done. Send it again with a higher number."},
	{CodeBodyType, 415, "Nội dung gửi lên phải thuộc kiểu {type}.", "The body must be of type {type}."},
	{CodeVisitUnknown, 404, "Phiên WHIP hoặc WHEP này không còn. Thiết bị hãy kết nối lại từ đầu.", "This WHIP or WHEP session is no more. The device must begin anew."},
	{CodeTagMissing, 428, "Yêu cầu thiếu If-Match, nên máy chủ không biết nó nói về lần kết nối nào.", "The request lacks If-Match, so the server cannot tell which connection it speaks of."},
	{CodeTagStale, 412, "Yêu cầu nói về một lần kết nối đã cũ. Gửi lại với ETag mới nhất.", "The request speaks of an older connection. Send it again with the newest ETag."},
	{CodeOfferRefused, 422, "Máy chủ không nhận được mô tả hình, tiếng của thiết bị ({detail}).", "The server cannot take the device's offer ({detail})."},
	{CodeMeetingLed, 409, "Cuộc họp đang do máy chủ khác điều hành; micro ở máy chủ này đã tắt.", "Another server runs the meeting; every microphone is closed on this one."},
	{CodeTokenDevice, 403, "Mã truy cập này thuộc về thiết bị khác. Ghép lại thiết bị với điểm cầu.", "This access code belongs to another device. Pair the device with its bridge point again."},
	{CodeSignInWrong, 401, "Tên hoặc mật khẩu chưa đúng.", "The name or the password is not right."},
	{CodeSignInTooFast, 429, "Đã thử quá nhiều lần. Đợi ít phút rồi thử lại.", "Too many attempts. Wait some minutes and try again."},
	{CodeSignInNeeded, 401, "Cần đăng nhập.", "Please sign in."},
	{CodePersonNeeded, 403, "Chỉ người đăng nhập bằng tên và mật khẩu được cấp quyền cho người và thiết bị khác. Hãy đăng nhập.", "Only a person who signed in with a name and a password may give rights to others. Please sign in."},
	{CodePasswordWeak, 422, "Mật khẩu phải có từ 10 đến 200 ký tự.", "A password must have 10 to 200 characters."},
	{CodeUserExists, 409, "Đã có tài khoản với tên này.", "There is an account of this name already."},
	{CodeUserInvalid, 422, "Tên đăng nhập gồm 1 đến 32 chữ thường không dấu, chữ số, dấu chấm, gạch nối; và phải có ít nhất một vai trò.", "A sign-in name has 1 to 32 small letters, digits, dots or dashes; and there must be a role."},
	{CodeUserUnknown, 404, "Không có tài khoản với tên này.", "There is no account of this name."},
	{CodeLinkUnknown, 404, "Không có đường dẫn hoặc thiết bị này.", "There is no such link or device."},
	{CodePairingCode, 404, "Không có thiết bị nào đang hiện mã này. Kiểm tra lại sáu chữ số trên màn hình.", "No device shows this code. Check the six digits on its screen."},
	{CodePairingBusy, 503, "Đang có quá nhiều thiết bị chờ ghép. Thử lại sau.", "Too many devices wait for pairing. Try again later."},
	{CodeFileInvalid, 422, "Tệp chưa đúng: {detail}.", "The file is not right: {detail}."},
	{CodeChangedMeanwhile, 409, "Danh mục đã có người khác sửa. Tải lại rồi làm lại.", "Somebody else has changed the catalogue. Reload and do it again."},
	{CodeAuditBroken, 500, "Nhật ký kiểm toán không còn nguyên vẹn. Báo bộ phận an toàn thông tin.", "The audit log is not whole. Tell those in charge of information security."},
	{CodePathUnknown, 404, "Máy chủ không có địa chỉ này.", "The server has no such address."},
	{catalog.CodeSystemUnknown, 404, "Không có hệ thống “{system}”.", "There is no system “{system}”."},
	{catalog.CodeTemplateUnknown, 404, "Không có mẫu cuộc họp này.", "There is no such template."},
	{catalog.CodeConsentMissing, 409, "{points} điểm cầu thuộc hệ thống khác chưa có văn bản đồng ý (Điều 4.2), trước hết là {point}. Ghi văn bản đồng ý, hoặc ghi lý do để gọi.", "{points} bridge points of other systems have no recorded consent (Art 4.2), {point} the first. Record the consent, or give a reason to call them."},
	{catalog.CodeFieldInvalid, 422, "Giá trị của “{field}” chưa đúng.", "The value of “{field}” is not right."},
	{catalog.CodeInUse, 409, "Đang được dùng ở chỗ khác trong danh mục nên chưa xóa được.", "It is used elsewhere in the catalogue and cannot be removed yet."},
	{catalog.CodeFull, 409, "Danh mục đã đầy.", "The catalogue is full."},
	{CodeLinkLost, 503, "Tạm gián đoạn kết nối với máy chủ cấp trên, lệnh chưa được thực hiện. Hệ thống đang tự kết nối lại.", "The link to the tier above is interrupted, and nothing was carried out. It reconnects by itself."},
	{CodeLinkThere, 409, "Kết nối với máy chủ cấp trên vẫn còn, hoặc cuộc họp do máy chủ này chủ trì; không cần họp tiếp riêng.", "The link to the tier above is there, or this server leads the meeting itself; there is nothing to continue locally."},
	{CodePointsCalled, 409, "Điểm cầu {point} đang được mời họp ở cuộc họp {meeting}; kết thúc cuộc họp đó rồi mới cho họp tiếp cuộc họp đã nhập.", "Bridge point {point} is called to meeting {meeting}; end that one before the imported meeting goes on."},
	{CodeStoreDamaged, 503, "Phần dữ liệu này trong kho bị hỏng nên chưa dùng và chưa sửa được; các cuộc họp và dữ liệu khác không bị ảnh hưởng. Báo cơ quan vận hành chạy lệnh giaoban check.", "This part of the stored data is damaged, so it cannot be used or changed; other meetings and data are not affected. Ask the operator to run giaoban check."},
	{CodeNodeStopping, 503, "Máy chủ đang dừng; lệnh chưa được thực hiện.", "The server is stopping; the command was not carried out."},
}

// Codes lists every code a client can receive.
func Codes() []CodeInfo { return slices.Clone(codes) }

// Explain gives what a code means; ok is false for a code not in the list,
// which is then explained as a fault of the server.
func Explain(code meeting.Code) (info CodeInfo, ok bool) {
	for _, c := range codes {
		if c.Code == code {
			return c, true
		}
	}
	failed, _ := Explain(CodeServerFailed)
	return failed, false
}

// Fill puts arguments into a sentence.
func Fill(sentence string, args map[string]any) string {
	for name, value := range args {
		sentence = strings.ReplaceAll(sentence, "{"+name+"}", fmt.Sprint(value))
	}
	return sentence
}
