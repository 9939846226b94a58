import type { Command } from './command.ts';
import { fsctl } from './fsctl.ts';
import { globalGetvar, showChannels, sofiaStatus, status } from './engine.ts';
import { uuidBreak, uuidBridge, uuidExists, uuidKill, uuidTransfer } from './uuid-control.ts';
import { uuidAudio, uuidRecord, uuidSendDtmf } from './uuid-media.ts';
import { uuidDump, uuidGetvar, uuidSetMediaStats, uuidSetvar } from './uuid-variables.ts';

/** Every `api` command there is, by the name under which FreeSWITCH has it. */
export const commands: ReadonlyMap<string, Command> = new Map([
  ['status', status],
  ['fsctl', fsctl],
  ['sofia', sofiaStatus],
  ['show', showChannels],
  ['global_getvar', globalGetvar],
  ['uuid_bridge', uuidBridge],
  ['uuid_transfer', uuidTransfer],
  ['uuid_break', uuidBreak],
  ['uuid_kill', uuidKill],
  ['uuid_exists', uuidExists],
  ['uuid_dump', uuidDump],
  ['uuid_getvar', uuidGetvar],
  ['uuid_setvar', uuidSetvar],
  ['uuid_set_media_stats', uuidSetMediaStats],
  ['uuid_record', uuidRecord],
  ['uuid_audio', uuidAudio],
  ['uuid_send_dtmf', uuidSendDtmf],
]);
