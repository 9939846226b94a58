/** All that can be done with publishers and numbers, for those who only pass it on: the API, the pages and the commands. */
import { addPublisher, type PublisherAdded } from './add-publisher.ts';
import { apply, type Applied, type ToApply } from './apply.ts';
import { approve, type Approved, type ToApprove } from './approve.ts';
import { assign, type Assigned, type ToAssign } from './assign.ts';
import { endApplication, pause, refuse, resume, withdraw, type Decided, type ToDecide } from './decide.ts';
import { endPublisher, type PublisherEnded } from './end-publisher.ts';
import { importNumbers, type Imported } from './import-numbers.ts';
import { listApplications, showApplication, type ApplicationsQuery } from './list-applications.ts';
import { listCampaigns, offeredCampaigns, showCampaign } from './list-campaigns.ts';
import { listNumbers, showNumber, type NumbersQuery } from './list-numbers.ts';
import { listPublishers, showPublisher } from './list-publishers.ts';
import type { Page, PageQuery, Publishing, Who } from './publishing.ts';
import { release, type Released, type ToRelease } from './release.ts';
import type {
  ApplicationView,
  CampaignView,
  HoldingView,
  NumberView,
  OfferedCampaign,
  PublisherView,
} from './views.ts';

/** Each rejects where the database cannot be asked. */
export interface Publishers {
  addPublisher(asked: { readonly id: string; readonly name: string }): Promise<PublisherAdded>;
  /** Ends what it applied for and was approved for, too; its numbers are released. */
  endPublisher(asked: {
    readonly publisher: string;
    readonly by: Who;
    readonly why?: string;
  }): Promise<PublisherEnded>;
  listPublishers(query: PageQuery & { readonly state?: 'active' | 'ended' }): Promise<Page<PublisherView>>;
  /** Null where there is none of this name. */
  showPublisher(publisher: string): Promise<PublisherView | null>;

  apply(asked: ToApply): Promise<Applied>;
  withdraw(asked: ToDecide): Promise<Decided>;
  /** Gives out a number of the campaign's pool in the same step. */
  approve(asked: ToApprove): Promise<Approved>;
  refuse(asked: ToDecide): Promise<Decided>;
  pause(asked: ToDecide): Promise<Decided>;
  resume(asked: ToDecide): Promise<Decided>;
  endApplication(asked: ToDecide): Promise<Decided>;
  /** Newest first. */
  listApplications(query: ApplicationsQuery): Promise<Page<ApplicationView>>;
  /** Null where there is none, or where it is another's than `who` asks for. */
  showApplication(application: string, who: Who): Promise<ApplicationView | null>;

  /** In the order of their digits. */
  listNumbers(query: NumbersQuery): Promise<Page<NumberView>>;
  /** Null where it is none of ours; newest holding first. */
  showNumber(
    number: string,
  ): Promise<{ readonly number: NumberView; readonly history: readonly HoldingView[] } | null>;
  /** A further number, or one of a visitors' pool, for an application that was approved. */
  assign(asked: ToAssign): Promise<Assigned>;
  /** Takes a number back from whoever holds it. */
  release(asked: ToRelease): Promise<Released>;
  /** CSV with the columns number and pool: all of its lines, or none. */
  importNumbers(csv: string): Promise<Imported>;

  listCampaigns(): Promise<readonly CampaignView[]>;
  showCampaign(campaign: string): Promise<CampaignView | null>;
  /** What publishers may apply for, by the config alone. */
  offeredCampaigns(): readonly OfferedCampaign[];
}

export const publishers = (publishing: Publishing): Publishers => ({
  addPublisher: (asked) => addPublisher(publishing, asked),
  endPublisher: (asked) => endPublisher(publishing, asked),
  listPublishers: (query) => listPublishers(publishing, query),
  showPublisher: (publisher) => showPublisher(publishing.db, publishing.given(), publisher),
  apply: (asked) => apply(publishing, asked),
  withdraw: (asked) => withdraw(publishing, asked),
  approve: (asked) => approve(publishing, asked),
  refuse: (asked) => refuse(publishing, asked),
  pause: (asked) => pause(publishing, asked),
  resume: (asked) => resume(publishing, asked),
  endApplication: (asked) => endApplication(publishing, asked),
  listApplications: (query) => listApplications(publishing, query),
  showApplication: (application, who) => showApplication(publishing, application, who),
  listNumbers: (query) => listNumbers(publishing, query),
  showNumber: (number) => showNumber(publishing, number),
  assign: (asked) => assign(publishing, asked),
  release: (asked) => release(publishing, asked),
  importNumbers: (csv) => importNumbers(publishing, csv),
  listCampaigns: () => listCampaigns(publishing),
  showCampaign: (campaign) => showCampaign(publishing, campaign),
  offeredCampaigns: () => offeredCampaigns(publishing.given()),
});
