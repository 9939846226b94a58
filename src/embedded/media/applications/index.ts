import type { Application } from '../channel/application.ts';
import { answer, hangup, park, sendDtmf, setMute, sleep } from './call-control.ts';
import { playAndGetDigits } from './play-and-get-digits.ts';
import { endlessPlayback, loopPlayback, playback } from './playback.ts';
import { record, recordSession, stopRecordSession } from './record.ts';
import { exportVariable, multiset, set, unset } from './variables.ts';

/** Every application there is, by the name under which FreeSWITCH has it. */
export const applications: ReadonlyMap<string, Application> = new Map([
  ['playback', playback],
  ['loop_playback', loopPlayback],
  ['endless_playback', endlessPlayback],
  ['play_and_get_digits', playAndGetDigits],
  ['record', record],
  ['record_session', recordSession],
  ['stop_record_session', stopRecordSession],
  ['set', set],
  ['multiset', multiset],
  ['unset', unset],
  ['export', exportVariable],
  ['set_mute', setMute],
  ['send_dtmf', sendDtmf],
  ['sleep', sleep],
  ['park', park],
  ['answer', answer],
  ['pre_answer', answer],
  ['hangup', hangup],
]);
