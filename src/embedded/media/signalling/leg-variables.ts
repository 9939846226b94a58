import type { Channel } from '../channel/channel.ts';
import type { MediaTerms } from '../sdp.ts';
import type { IncomingRequest } from '../../sip/stack.ts';
import { parseUri } from '../../sip/message/uri.ts';

/** The variables that a channel has from its INVITE, by FreeSWITCH's names; headers that begin with X- come along as `sip_h_…`. */
export function inviteVariables(incoming: IncomingRequest, channel: Channel): Record<string, string> {
  const { request } = incoming;
  const { local, remote, protocol } = incoming.channel;
  const from = `${parseUri(request.from?.uri ?? '')?.user ?? 'nobody'}@${remote.host}:${remote.port}`;
  const extra = [...request.headers].filter(({ name }) => /^x-/i.test(name));
  return {
    direction: 'inbound',
    uuid: channel.uuid,
    session_id: String(channel.number),
    sip_from_user: from.split('@')[0] ?? '',
    sip_from_uri: from,
    sip_from_host: remote.host,
    channel_name: channel.name,
    sip_local_network_addr: local.host,
    sip_network_ip: remote.host,
    sip_network_port: String(remote.port),
    sip_received_ip: remote.host,
    sip_received_port: String(remote.port),
    sip_via_protocol: protocol,
    sofia_profile_name: 'drachtio_mrf',
    sofia_profile_url: `sip:mod_sofia@${local.host}:${local.port}`,
    sip_req_user: 'drachtio',
    sip_req_uri: request.uri.replace(/^sips?:/i, ''),
    sip_to_user: 'drachtio',
    sip_contact_uri: (request.contact?.uri ?? '').replace(/^sips?:/i, ''),
    sip_user_agent: request.headers.get('user-agent') ?? '',
    sip_call_id: request.callId,
    sip_cseq: String(request.cseq?.seq ?? 0),
    sip_from_tag: request.fromTag ?? '',
    max_forwards: request.headers.get('max-forwards') ?? '70',
    ...Object.fromEntries(extra.map(({ name, value }) => [`sip_h_${name}`, value])),
    call_uuid: channel.uuid,
    endpoint_disposition: 'ANSWER',
    send_silence_when_idle: '-1',
    hangup_after_bridge: 'false',
    park_after_bridge: 'true',
    playback_terminators: 'none',
    current_application: 'socket',
    current_application_data: channel.base.data,
    socket_host: channel.base.data.split(':')[0] ?? '',
  };
}

/** The variables that follow from what offer and answer agreed. */
export function mediaVariables(
  terms: MediaTerms,
  channel: Channel,
  host: string,
  local: string,
  remote: string,
): Record<string, string> {
  const dtmf = terms.dtmfPayloadType;
  return {
    switch_r_sdp: remote,
    rtp_local_sdp_str: local,
    local_media_ip: host,
    local_media_port: String(channel.rtp.port),
    advertised_media_ip: host,
    remote_media_ip: terms.remote?.host ?? '',
    remote_media_port: terms.remote === undefined ? '' : String(terms.remote.port),
    audio_media_flow: terms.direction,
    rtp_use_codec_string: 'PCMU,PCMA',
    rtp_use_codec_name: terms.law,
    rtp_use_codec_rate: '8000',
    rtp_use_codec_ptime: '20',
    rtp_use_codec_channels: '1',
    rtp_use_pt: String(terms.payloadType),
    rtp_audio_recv_pt: String(terms.payloadType),
    rtp_use_ssrc: String(channel.rtp.ssrc),
    read_codec: terms.law,
    read_rate: '8000',
    write_codec: terms.law,
    write_rate: '8000',
    dtmf_type: dtmf === undefined ? 'info' : 'rfc2833',
    rtp_2833_send_payload: dtmf === undefined ? '' : String(dtmf),
    rtp_2833_recv_payload: dtmf === undefined ? '' : String(dtmf),
  };
}
