#!/bin/sh
# Makes the bots' clips (clips/look-N.ivf, clips/look-N.ogg) from the pictures
# and sounds Go draws. Needs ffmpeg with libvpx, libopus and freetype, and a
# bold sans font with Vietnamese marks: FONT=/path/to/font.ttf internal/testmedia/clips.sh
set -eu
cd "$(dirname "$0")"
font=${FONT:-/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
go run ./make -looks -dir "$dir" -width 640 -height 360 -fps 10 -seconds 6
words="fontfile=$font:fontcolor=0xe6d9b8:x=(w-text_w)/2"
mkdir -p clips
for film in "$dir"/look-*.y4m; do
  name=$(basename "$film" .y4m)
  ffmpeg -hide_banner -loglevel error -y -i "$film" \
    -vf "drawtext=$words:fontsize=17:y=42:text='ĐIỂM CẦU',drawtext=$words:fontsize=25:y=66:text='MÔ PHỎNG'" \
    -c:v libvpx -deadline best -cpu-used 0 -g 30 -keyint_min 30 -auto-alt-ref 0 -lag-in-frames 0 \
    -error-resilient 1 -qmin 14 -qmax 44 -crf 26 -b:v 75k -flags +bitexact -fflags +bitexact "clips/$name.ivf"
  ffmpeg -hide_banner -loglevel error -y -i "$dir/$name.wav" -map_metadata -1 \
    -c:a libopus -b:a 16k -application audio -frame_duration 20 -page_duration 20000 \
    -flags +bitexact -fflags +bitexact "clips/$name.ogg"
done
ls -l clips
