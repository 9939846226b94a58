import { readFile, stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { encode, silenceOctet, transcode, type Law } from '../g711.ts';
import { AudioSequence, EncodedAudio, LoopedAudio, type AudioSource } from './source.ts';
import { parseTones, renderTones } from './tone-stream.ts';
import { parseWav, type Wav } from './wav.ts';

export type Opened = AudioSource | { readonly wrong: string };

interface Prompt {
  readonly version: string;
  readonly octets: Record<Law, Uint8Array>;
}

const samplesPerMs = 8;
/** Prompts kept in memory, in octets of both laws together: some five hours of audio. */
const greatestCache = 256 * 1024 * 1024;
const greatestTones = 200;

/** What can be played, by FreeSWITCH's names for it. A file is read and encoded once, and again when it has changed. */
export class AudioLibrary {
  readonly #prompts = new Map<string, Prompt>();
  readonly #tones = new Map<string, Record<Law, Uint8Array>>();
  #cached = 0;

  /** Opens a path, `tone_stream://…`, `silence_stream://…` or `file_string://a!b`; otherwise says what is wrong with it. */
  async open(name: string, law: Law): Promise<Opened> {
    const [scheme, rest] = splitScheme(name.trim());
    if (scheme === 'tone_stream') return this.#openTones(rest, law);
    if (scheme === 'silence_stream') return openSilence(rest, law);
    if (scheme === 'file_string') return await this.#openSequence(rest.split('!'), law);
    if (scheme !== undefined) return { wrong: `cannot play ${scheme}://` };
    return await this.#openFile(rest, law);
  }

  async #openSequence(names: readonly string[], law: Law): Promise<Opened> {
    const sources: AudioSource[] = [];
    for (const name of names) {
      const opened = await this.open(name, law);
      if ('wrong' in opened) return { wrong: `${name}: ${opened.wrong}` };
      sources.push(opened);
    }
    return new AudioSequence(sources);
  }

  /** `path@@samples` begins that far into the file. */
  async #openFile(name: string, law: Law): Promise<Opened> {
    const [path = '', offset = '0'] = name.split('@@');
    if (!isAbsolute(path)) return { wrong: 'not an absolute path' };
    const prompt = await this.#read(path);
    if ('wrong' in prompt) return prompt;
    return new EncodedAudio(
      prompt.octets[law],
      silenceOctet[law],
      Math.max(0, Number.parseInt(offset, 10) || 0),
    );
  }

  async #read(path: string): Promise<Prompt | { readonly wrong: string }> {
    try {
      const { mtimeMs, size } = await stat(path);
      const version = `${mtimeMs}/${size}`;
      const known = this.#prompts.get(path);
      if (known?.version === version) return known;
      const wav = parseWav(await readFile(path));
      if ('wrong' in wav) return wav;
      return this.#keep(path, { version, octets: inBothLaws(wav) });
    } catch (error) {
      return { wrong: error instanceof Error ? error.message : 'unreadable' };
    }
  }

  #keep(path: string, prompt: Prompt): Prompt {
    const sizeOf = (one: Prompt | undefined) => 2 * (one?.octets.PCMU.length ?? 0);
    this.#cached += sizeOf(prompt) - sizeOf(this.#prompts.get(path));
    this.#prompts.delete(path);
    this.#prompts.set(path, prompt);
    for (const [oldest, one] of this.#prompts) {
      if (this.#cached <= greatestCache || oldest === path) break;
      this.#prompts.delete(oldest);
      this.#cached -= sizeOf(one);
    }
    return prompt;
  }

  #openTones(text: string, law: Law): Opened {
    const tones = parseTones(text);
    if ('wrong' in tones) return { wrong: `not understood as a tone: ${tones.wrong}` };
    let octets = this.#tones.get(text);
    if (octets === undefined) {
      octets = inBothLaws(renderTones(tones));
      if (this.#tones.size >= greatestTones) this.#tones.clear();
      this.#tones.set(text, octets);
    }
    return new LoopedAudio(octets[law], silenceOctet[law], tones.loops, 'tone_stream');
  }
}

/** `ms[,noise]`: what is asked for as comfort noise is played as silence; -1 is for ever. */
function openSilence(text: string, law: Law): Opened {
  const ms = Number.parseInt(text, 10);
  if (Number.isNaN(ms)) return { wrong: 'silence_stream:// wants milliseconds' };
  const frame = new Uint8Array(samplesPerMs).fill(silenceOctet[law]);
  return new LoopedAudio(frame, silenceOctet[law], ms < 0 ? Infinity : ms, 'silence_stream');
}

function splitScheme(name: string): [string | undefined, string] {
  const match = /^([a-z_]+):\/\/(.*)$/is.exec(name);
  return match === null ? [undefined, name] : [match[1], match[2] ?? ''];
}

function inBothLaws(audio: Wav | Int16Array): Record<Law, Uint8Array> {
  const pcm =
    audio instanceof Int16Array ? audio : audio.encoding === 'PCM16' ? samplesOf(audio.data) : undefined;
  if (pcm !== undefined) return { PCMU: encoded('PCMU', pcm), PCMA: encoded('PCMA', pcm) };
  const { encoding, data } = audio as { encoding: Law; data: Uint8Array };
  const other: Law = encoding === 'PCMU' ? 'PCMA' : 'PCMU';
  const transcoded = new Uint8Array(data.length);
  transcode(encoding, other, data, transcoded);
  const octets = { [encoding]: Uint8Array.from(data), [other]: transcoded };
  return octets as Record<Law, Uint8Array>;
}

function encoded(law: Law, pcm: Int16Array): Uint8Array {
  const octets = new Uint8Array(pcm.length);
  encode(law, pcm, octets);
  return octets;
}

function samplesOf(data: Uint8Array): Int16Array {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Int16Array.from({ length: data.byteLength >> 1 }, (_, i) => view.getInt16(2 * i, true));
}
