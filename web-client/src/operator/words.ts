// The operator's page has its own words, so that no other page loads them.
import { lang } from '../i18n/i18n';

const words = {
  title: ['Cơ quan vận hành', 'Operator'],
  signIn: ['Đăng nhập', 'Sign in'],
  signOut: ['Đăng xuất', 'Sign out'],
  name: ['Tên đăng nhập', 'Sign-in name'],
  password: ['Mật khẩu', 'Password'],
  newPassword: ['Mật khẩu mới', 'New password'],
  oldPassword: ['Mật khẩu hiện tại', 'Present password'],
  change: ['Đổi', 'Change'],
  changePassword: ['Đổi mật khẩu', 'Change password'],
  passwordChanged: ['Đã đổi mật khẩu. Đăng nhập lại.', 'The password is changed. Please sign in again.'],
  meetings: ['Cuộc họp', 'Meetings'],
  points: ['Điểm cầu', 'Bridge points'],
  pairing: ['Ghép thiết bị', 'Pairing'],
  links: ['Đường dẫn', 'Links'],
  people: ['Người dùng', 'People'],
  audit: ['Nhật ký', 'Audit log'],
  newMeeting: ['Tạo cuộc họp', 'New meeting'],
  from: ['Lấy từ', 'Fill in from'],
  blank: ['Biểu mẫu trống', 'An empty form'],
  last: ['Cuộc họp gần nhất', 'The last meeting'],
  meetingTitle: ['Tên cuộc họp', 'Title'],
  hostUnit: ['Đơn vị chủ trì', 'Host unit'],
  system: ['Hệ thống', 'System'],
  startsAt: ['Thời gian bắt đầu', 'Start time'],
  chairPoint: ['Điểm cầu chủ tọa', 'Chair point'],
  below: ['Gọi cả các điểm cầu của hệ thống cấp dưới ({n})', 'Call the points of the systems below too ({n})'],
  roster: ['Thành phần: {n} điểm cầu', 'Roster: {n} bridge points'],
  whole: ['cả hệ thống', 'the whole system'],
  reason: ['Lý do gọi khi chưa có văn bản đồng ý', 'Why they are called without a consent'],
  lobby: ['Phòng chờ mở trước (phút)', 'Lobby opens before the start (minutes)'],
  create: ['Tạo cuộc họp', 'Create'],
  created: ['Đã tạo “{title}”. Phòng chờ tự mở lúc {at}.', '“{title}” is created. Its lobby opens by itself at {at}.'],
  none: ['Chưa có gì ở đây.', 'Nothing here yet.'],
  connected: ['Đã kết nối', 'Connected'],
  state: ['Trạng thái', 'State'],
  waiting: ['Chưa mở', 'Waiting'],
  inLobby: ['Phòng chờ', 'Lobby'],
  open: ['Đang họp', 'Open'],
  closing: ['Đang kết thúc', 'Closing'],
  ended: ['Đã kết thúc', 'Ended'],
  openLobby: ['Mở phòng chờ', 'Open lobby'],
  start: ['Bắt đầu', 'Start'],
  end: ['Kết thúc', 'End'],
  endSure: [
    'Kết thúc “{title}”? Mọi micro tắt và không mở lại được.',
    'End “{title}”? Every microphone closes, and it cannot be opened again.',
  ],
  rehome: ['Chuyển hệ thống', 'Move'],
  rehomeTo: ['Chuyển “{title}” sang hệ thống', 'Move “{title}” to the system'],
  console: ['Bàn điều khiển', 'Console'],
  chair: ['Chủ trì', 'Chair'],
  download: ['Tải nhật ký họp', 'Download log'],
  search: ['Tìm (không cần dấu)', 'Search (marks do not matter)'],
  all: ['Tất cả', 'All'],
  number: ['Số', 'Number'],
  unit: ['Đơn vị', 'Unit'],
  officers: ['Cán bộ đầu mối', 'Focal officers'],
  line: ['Đường truyền', 'Line'],
  devices: ['Thiết bị', 'Devices'],
  short: ['Chưa đủ hai cán bộ đã tập huấn', 'Fewer than two trained officers'],
  shown: ['{n} điểm cầu · {short} chưa đủ cán bộ', '{n} bridge points · {short} short of officers'],
  import: ['Nhập từ tệp CSV', 'Import from CSV'],
  export: ['Xuất CSV', 'Export CSV'],
  preview: [
    'Xem trước: {rows} dòng, {added} mới, {changed} thay đổi, {same} giữ nguyên.',
    'Preview: {rows} rows, {added} new, {changed} changed, {same} the same.',
  ],
  faults: ['{n} lỗi. Chưa nhập điểm cầu nào.', '{n} mistakes. Nothing was imported.'],
  lineColumn: ['Dòng {line}, cột {column}', 'Line {line}, column {column}'],
  lineOnly: ['Dòng {line}', 'Line {line}'],
  take: ['Nhập {n} điểm cầu', 'Import {n} bridge points'],
  taken: ['Đã nhập {n} điểm cầu.', '{n} bridge points were imported.'],
  code: ['Sáu chữ số trên màn hình thiết bị', 'The six digits on the device’s screen'],
  point: ['Điểm cầu', 'Bridge point'],
  pair: ['Ghép', 'Pair'],
  paired: ['Thiết bị nay là điểm cầu {point}.', 'The device is now {point}.'],
  pairHelp: [
    'Mở trang /room trên máy tính của phòng họp. Màn hình hiện sáu chữ số và một mã QR.',
    'Open the page /room on the room’s computer. It shows six digits and a QR code.',
  ],
  waitingDevices: ['Thiết bị đang chờ ghép', 'Devices that wait'],
  address: ['Địa chỉ', 'Address'],
  since: ['Từ lúc', 'Since'],
  role: ['Vai trò', 'Role'],
  where: ['Phạm vi', 'Where'],
  everywhere: ['mọi hệ thống', 'everywhere'],
  issuedBy: ['Người cấp', 'Issued by'],
  issuedAt: ['Cấp lúc', 'Issued at'],
  until: ['Đến', 'Until'],
  revoke: ['Thu hồi', 'Revoke'],
  revokeSure: ['Thu hồi quyền của {name}?', 'Revoke {name}?'],
  makeLink: ['Cấp đường dẫn', 'Make a link'],
  linkOnce: [
    'Đường dẫn chỉ hiện một lần. Chép lại và gửi cho người dùng:',
    'The link is shown this once. Copy it and hand it over:',
  ],
  copy: ['Chép', 'Copy'],
  device: ['thiết bị đã ghép', 'paired device'],
  addUser: ['Thêm tài khoản', 'Add an account'],
  display: ['Họ tên', 'Full name'],
  added: ['Đã thêm {name}.', '{name} is added.'],
  revoked: ['đã thu hồi', 'revoked'],
  time: ['Thời gian', 'Time'],
  who: ['Ai', 'Who'],
  act: ['Việc', 'Act'],
  target: ['Đối tượng', 'Target'],
  outcome: ['Kết quả', 'Outcome'],
  done: ['xong', 'done'],
  cancel: ['Thôi', 'Cancel'],
  roleOperator: ['Cơ quan vận hành', 'Operator'],
  roleController: ['Kỹ thuật điều khiển', 'Controller'],
  roleChair: ['Chủ trì', 'Chair'],
  roleRoom: ['Điểm cầu', 'Bridge point'],
  roleFocal: ['Cán bộ đầu mối', 'Focal officer'],
  roleObserver: ['Người theo dõi', 'Observer'],
  roleCarrier: ['Đơn vị cung cấp đường truyền', 'Carrier'],
} as const satisfies Record<string, readonly [vi: string, en: string]>;

/** Every key of the page's words. */
export type Word = keyof typeof words;

/** w gives the words of a key, with {name} replaced by args.name. */
export function w(key: Word, args: Record<string, string | number> = {}): string {
  const text: string = words[key][lang.value === 'vi' ? 0 : 1];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(args[name] ?? whole));
}

/** roleWord names a role. */
export function roleWord(role: string): string {
  const key = `role${role.charAt(0).toUpperCase()}${role.slice(1)}`;
  return key in words ? w(key as Word) : role;
}

/** clock writes a time of the wire as people do: dd/MM/yyyy and 24 hours. */
export function clock(ms: number | undefined): string {
  if (!ms) return '–';
  const d = new Date(ms);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(d.getDate())}/${two(d.getMonth() + 1)}/${d.getFullYear()} ${two(d.getHours())}:${two(d.getMinutes())}`;
}
