/* Badge - a word with a colour and a shape. */
import { t } from '../lib/i18n.js';
import { Mark } from './Mark.jsx';

export function Badge({ kind, children }) {
	return <span class={`badge badge-${kind}`}><Mark kind={kind} />{children}</span>;
}

/* How each class of messages looks everywhere: badge, chart, legend. */
export const CLASS_KIND = { mine_pass: 'good', forwarded: 'forward',
	mine_fail: 'bad', unknown: 'unknown', undecided: 'none' };

export const ClassBadge = ({ name }) =>
	<Badge kind={CLASS_KIND[name] ?? 'none'}>{t(`class.${name}`)}</Badge>;

const POLICY_KIND = { none: 'warn', quarantine: 'info', reject: 'good' };

export const PolicyBadge = ({ p }) =>
	<Badge kind={POLICY_KIND[p] ?? 'bad'}>{p ?? t('policy.absent')}</Badge>;

const OUTCOME_KIND = { stored: 'good', duplicate: 'info', conflict: 'warn',
	refused: 'bad', error: 'bad', failed: 'bad', 'not-a-report': 'none' };

export const OutcomeBadge = ({ name }) =>
	<Badge kind={OUTCOME_KIND[name] ?? 'none'}>{t(`outcome.${name}`)}</Badge>;

const RESULT_KIND = { pass: 'good', fail: 'bad' };

/* A word of the mail protocols: pass, fail, none, softfail ... not translated,
 * for logs and RFCs spell it so. */
export const Result = ({ name }) =>
	<Badge kind={RESULT_KIND[name] ?? 'none'}>{name ?? t('none')}</Badge>;

/* Whether the mail of a report passed DMARC itself; "off": nobody looked. */
export function Trust({ report: r }) {
	if (r.trust === 'off')
		return <Badge kind="none">{t('report.unchecked')}</Badge>;
	return r.trusted ? <Badge kind="good">{t('report.trusted')}</Badge>
		: <Badge kind="warn">{t('report.untrusted')}</Badge>;
}
