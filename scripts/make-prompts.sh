#!/usr/bin/env bash
# Makes what callers hear (config/prompts) and what the demo's people say (config/voices), from the text below.
# Needs espeak-ng and sox. The result is the same on every run: nothing is dithered, no time is written.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

for tool in espeak-ng sox; do
  command -v "$tool" >/dev/null || { echo "make-prompts: $tool is missing; on Debian: apt-get install espeak-ng sox" >&2; exit 1; }
done

spoken="$(mktemp --suffix=.wav)"
trap 'rm -f "$spoken"' EXIT

# speak FILE VOICE WORDS_PER_MINUTE PITCH TEXT
speak() {
  mkdir -p "$(dirname "$1")"
  espeak-ng -v "$2" -s "$3" -p "$4" -g 1 -w "$spoken" -- "$5"
  # A telephone's band, an even level with 3 dB to spare, no silence before, 0.2 s after; 8 kHz mono 16 bit.
  sox -D "$spoken" -b 16 -e signed-integer -c 1 "$1" \
    gain -10 silence 1 0.02 0.2% reverse silence 1 0.02 0.2% reverse \
    highpass 200 lowpass 3400 compand 0.01,0.2 6:-60,-50,-40,-28,-20,-17,0,-10 \
    rate 8000 norm -3 pad 0.05 0.2
  printf '%-38s %5.2f s  %s\n' "$1" "$(soxi -D "$1")" "$5"
}

prompt() { speak "config/prompts/$1.wav" en-us+f3 170 45 "$2"; }
prompt solar-homeowner 'Thanks for calling about solar. If you own your home, press 1. If you rent, press 2.'
prompt solar-zip 'Please enter your five digit zip code.'
prompt no-buyer 'Sorry, nobody can take your call right now. Please try again later. Goodbye.'
prompt whisper-solar 'Solar call. Home owner.'

voice() { speak "config/voices/$1.wav" "$2" "$3" "$4" "$5"; }
voice caller-ann en-us+f2 165 55 'Hi there! My electric bill keeps going up, so I would like a quote for my roof.'
voice caller-bob en-us+m3 170 35 'Hello. We just bought a house. Does solar pay for itself around here?'
voice caller-cleo en-gb+f4 175 60 'Good morning. I rent my place, but I would still like cheaper power.'
voice buyer-sunrise en-us+m1 165 40 'Sunrise Solar, this is Dave. Good to hear from you. Tell me about your roof.'
voice buyer-helio en-gb+m7 170 45 'Helio Energy, Tom speaking. How can I help you today?'
voice buyer-brightside en-us+f4 170 50 'Brightside Rentals, thanks for holding. What can I do for you?'
