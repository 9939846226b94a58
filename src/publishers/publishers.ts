/** All that can be done with publishers and numbers, for those who only pass it on: the API, the pages and the commands. */
import type { ApplicationState } from '../records/schema.ts';
import type { NumberChoice } from './choice.ts';
import type { Page, PageQuery, Refused, Who } from './publishing.ts';
import type {
  ApplicationView,
  CampaignView,
  HoldingView,
  NumberState,
  NumberView,
  PublisherView,
} from './views.ts';

/** Each rejects where the database cannot be asked. */
export interface Publishers {
  addPublisher(asked: {
    id: string;
    name: string;
  }): Promise<{ ok: true; publisher: PublisherView } | Refused<'bad_id' | 'bad_name' | 'already_there'>>;
  /** Ends what it applied for and was approved for, too; its numbers are released. */
  endPublisher(asked: {
    publisher: string;
    by: Who;
    why?: string;
  }): Promise<
    | { ok: true; publisher: PublisherView; released: readonly string[] }
    | Refused<'bad_why' | 'unknown_publisher' | 'given_publisher' | 'already_ended'>
  >;
  listPublishers(query: PageQuery & { state?: 'active' | 'ended' }): Promise<Page<PublisherView>>;
  /** Null where there is none of this name. */
  showPublisher(publisher: string): Promise<PublisherView | null>;

  apply(asked: {
    publisher: string;
    campaign: string;
    source?: string | null;
  }): Promise<
    | { ok: true; application: ApplicationView }
    | Refused<
        | 'bad_source'
        | 'unknown_publisher'
        | 'ended_publisher'
        | 'unknown_campaign'
        | 'ended_campaign'
        | 'no_pool'
        | 'already_applied'
      >
  >;
  withdraw(asked: Decided): Promise<Changed>;
  /** Gives out a number of the campaign's pool in the same step. */
  approve(asked: {
    application: string;
    by: Who;
    number?: NumberChoice;
  }): Promise<
    | { ok: true; application: ApplicationView; number: string; held_from: string }
    | Refused<
        | 'unknown_application'
        | 'wrong_state'
        | 'ended_publisher'
        | 'ended_campaign'
        | 'no_pool'
        | 'bad_choice'
        | 'empty_pool'
      >
  >;
  refuse(asked: Decided & { why: string }): Promise<Changed>;
  pause(asked: Decided): Promise<Changed>;
  resume(asked: Decided): Promise<Changed>;
  endApplication(asked: Decided): Promise<Changed>;
  /** Newest first. */
  listApplications(
    query: PageQuery & { publisher?: string; campaign?: string; state?: ApplicationState },
  ): Promise<Page<ApplicationView>>;
  /** Null where there is none, or where it is another's than `who` asks for. */
  showApplication(application: string, who: Who): Promise<ApplicationView | null>;

  /** By number. */
  listNumbers(
    query: PageQuery & { pool?: string; state?: NumberState; publisher?: string; campaign?: string },
  ): Promise<Page<NumberView>>;
  /** Null where it is no number of ours; newest holding first. */
  showNumber(number: string): Promise<{ number: NumberView; history: readonly HoldingView[] } | null>;
  /** A further number, or one of a visitors' pool, for an application that was approved. */
  assign(asked: {
    application: string;
    by: Who;
    /** One number of the campaign's pool, or whichever is free and as asked for. */
    number: string | NumberChoice;
    use?: 'fixed' | 'visitors';
  }): Promise<
    | { ok: true; application: ApplicationView; number: string; held_from: string }
    | Refused<
        | 'unknown_application'
        | 'wrong_state'
        | 'ended_campaign'
        | 'no_pool'
        | 'bad_choice'
        | 'empty_pool'
        | 'unknown_number'
        | 'not_in_pool'
        | 'not_free'
      >
  >;
  /** Takes a number back from whoever holds it. */
  release(asked: {
    number: string;
    by: Who;
  }): Promise<{ ok: true; number: NumberView } | Refused<'unknown_number' | 'given_number' | 'not_held'>>;
  /** CSV with the columns number and pool: all of its lines, or none. */
  importNumbers(
    csv: string,
  ): Promise<
    | { ok: true; imported: number }
    | (Refused<'bad_file'> & {
        readonly problems: readonly { readonly line: number; readonly message: string }[];
      })
  >;

  listCampaigns(): Promise<readonly CampaignView[]>;
  showCampaign(campaign: string): Promise<CampaignView | null>;
}

export interface Decided {
  readonly application: string;
  readonly by: Who;
  /** One line. */
  readonly why?: string;
}

export type Changed =
  { ok: true; application: ApplicationView } | Refused<'bad_why' | 'unknown_application' | 'wrong_state'>;
