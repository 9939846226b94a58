/** Ringing tones by country (ITU-T E.180 Supplement 2), in FreeSWITCH's tone_stream notation: on, off, frequencies. */
const tones: Readonly<Record<string, string>> = {
  us: '%(2000,4000,440,480)',
  uk: '%(400,200,400,450);%(400,2000,400,450)',
  au: '%(400,200,383,417);%(400,2000,383,417)',
  eu: '%(1000,4000,425)',
};

export const ringTones = Object.keys(tones);

export function ringTone(country: string): string {
  return `tone_stream://${tones[country] ?? tones.us};loops=-1`;
}
