"""A WHIP encoder and a WHEP player on GStreamer's webrtcbin, which shares no
code with the bridge or its bots. Prints what it has, one JSON line a second,
until its standard input ends; then it says goodbye with DELETE.

    door.py publish URL TOKEN [h264]
    door.py play URL TOKEN
"""

import json
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstWebRTC", "1.0")
gi.require_version("GstSdp", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC

ENCODERS = {
    "vp8": "vp8enc deadline=1 cpu-used=8 keyframe-max-dist=60 ! rtpvp8pay ! "
    "application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000",
    "h264": "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=60 ! video/x-h264,profile=constrained-baseline ! "
    "rtph264pay config-interval=-1 aggregate-mode=zero-latency ! "
    "application/x-rtp,media=video,encoding-name=H264,payload=102,clock-rate=90000",
}
SEND = """webrtcbin name=peer bundle-policy=max-bundle
 videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=15/1 ! videoconvert ! %s ! peer.
 audiotestsrc is-live=true wave=sine freq=440 ! audioconvert ! audioresample ! opusenc ! rtpopuspay !
 application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000 ! peer."""
RECEIVE = {
    "video": "rtpvp8depay ! vp8dec ! fakesink name=sink signal-handoffs=true sync=false",
    "audio": "rtpopusdepay ! opusdec ! audioconvert ! level name=level interval=100000000 ! fakesink sync=false",
}


class Door:
    def __init__(self, what, url, token, codec):
        self.what, self.url, self.token, self.visit, self.tag = what, url, token, None, ""
        self.frames, self.loudest = 0, -200.0
        if what == "publish":
            self.pipe = Gst.parse_launch(SEND % ENCODERS[codec])
            self.peer = self.pipe.get_by_name("peer")
        else:
            self.pipe = Gst.Pipeline.new()
            self.peer = Gst.ElementFactory.make("webrtcbin", "peer")
            self.peer.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
            self.pipe.add(self.peer)
            self.peer.connect("pad-added", self.receive)
        self.peer.connect("on-negotiation-needed", self.offer)
        bus = self.pipe.get_bus()
        bus.add_signal_watch()
        bus.connect("message", self.message)
        if what == "play":
            for caps in ("video,encoding-name=VP8,payload=96,clock-rate=90000", "audio,encoding-name=OPUS,payload=111,clock-rate=48000"):
                self.peer.emit(
                    "add-transceiver",
                    GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY,
                    Gst.Caps.from_string("application/x-rtp,media=" + caps),
                )
        self.pipe.set_state(Gst.State.PLAYING)

    def offer(self, _):
        self.peer.emit("create-offer", None, Gst.Promise.new_with_change_func(self.offered, None))

    def offered(self, promise, _):
        reply = promise.get_reply()  # owns the description
        offer = reply.get_value("offer")
        self.peer.emit("set-local-description", offer, Gst.Promise.new())
        text = offer.sdp.as_text()
        threading.Thread(target=self.knock, args=(text,), daemon=True).start()

    def knock(self, text):
        try:
            answer = self.call("POST", self.url, text.encode())
        except urllib.error.HTTPError as e:
            say(refused=json.load(e)["code"], status=e.code)
            return
        _, sdp = GstSdp.SDPMessage.new_from_text(answer)
        description = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, sdp)
        self.peer.emit("set-remote-description", description, Gst.Promise.new())

    def call(self, method, url, body=None):
        request = urllib.request.Request(url, body, method=method, headers={"Authorization": "Bearer " + self.token})
        if body:
            request.add_header("Content-Type", "application/sdp")
        with urllib.request.urlopen(request, timeout=10) as response:
            if response.headers["Location"]:
                self.visit = urllib.parse.urljoin(url, response.headers["Location"])
            return response.read().decode()

    def receive(self, _, pad):
        if pad.get_direction() != Gst.PadDirection.SRC:
            return
        kind = pad.get_current_caps().get_structure(0).get_string("media")
        branch = Gst.parse_bin_from_description(RECEIVE[kind], True)
        self.pipe.add(branch)
        if kind == "video":
            branch.get_by_name("sink").connect("handoff", self.frame)
        branch.sync_state_with_parent()
        pad.link(branch.get_static_pad("sink"))

    def frame(self, *_):
        self.frames += 1

    def message(self, _, message):
        s = message.get_structure()
        if message.type == Gst.MessageType.ERROR:
            say(error=str(message.parse_error()))
        elif s and s.get_name() == "level":
            self.loudest = max([self.loudest, *s.get_value("rms")])

    def report(self):
        state = self.peer.get_property("connection-state").value_nick
        say(state=state, frames=self.frames, dB=round(self.loudest, 1))
        self.loudest = -200.0
        return True

    def goodbye(self):
        if self.visit:
            self.call("DELETE", self.visit)
        self.pipe.set_state(Gst.State.NULL)


def say(**what):
    print(json.dumps(what), flush=True)


def main():
    Gst.init(None)
    what, url, token = sys.argv[1:4]
    door = Door(what, url, token, sys.argv[4] if len(sys.argv) > 4 else "vp8")
    loop = GLib.MainLoop()

    def wait():
        sys.stdin.read()
        GLib.idle_add(loop.quit)

    threading.Thread(target=wait, daemon=True).start()
    GLib.timeout_add(500, door.report)
    loop.run()
    door.goodbye()
    say(gone=True)


main()
