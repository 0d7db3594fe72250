// Runs before everything else, in words even an old browser reads: below the
// floor the page says so in one sentence.
(function () {
  var ua = navigator.userAgent;
  var floor = [[/Chrom(?:e|ium)\/(\d+)/, 109], [/Firefox\/(\d+)/, 115], [/Version\/(\d+\.\d+).*Safari/, 16.4]];
  var old = !window.RTCPeerConnection || !window.WebSocket || !Array.prototype.findLast;
  for (var i = 0; i < floor.length; i++) {
    var found = floor[i][0].exec(ua);
    if (found) {
      old = old || parseFloat(found[1]) < floor[i][1];
      break;
    }
  }
  if (!old) return;
  document.documentElement.setAttribute('data-old', '');
  document.addEventListener('DOMContentLoaded', function () {
    document.body.innerHTML =
      '<main style="font:24px/1.5 sans-serif;padding:10%;color:#f3f5f2"><p>Trình duyệt này đã cũ. Cần Chrome hoặc Edge 109, Firefox 115, Safari 16.4 trở lên.</p>' +
      '<p lang="en" style="color:#bac0bc">This browser is too old. Chrome or Edge 109, Firefox 115 or Safari 16.4 is needed, or newer.</p></main>';
  });
})();
