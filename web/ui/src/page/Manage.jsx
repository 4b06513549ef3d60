/* Manage - what is noted of a domain, and giving it up. */
import { useData } from '../lib/data.js';
import { t } from '../lib/i18n.js';
import { path } from '../lib/route.js';
import { may, useSession } from '../lib/session.js';
import { DeleteDomain } from '../part/DeleteDomain.jsx';
import { DomainForm } from '../part/DomainForm.jsx';
import { DomainPage } from '../part/DomainHead.jsx';
import { Empty, Wait } from '../part/State.jsx';

export default function Manage({ params }) {
	const { domain } = params;
	const editor = may(useSession(), 'editor');
	const data = useData(editor ? path('domains', domain) : null);
	return (
		<DomainPage domain={domain} tab="manage">
			{editor ? <div class="medium"><Wait on={data}>{(d) => <>
				<DomainForm key={data.etag} domain={domain} data={d}
					etag={data.etag} saved={data.reload} />
				<DeleteDomain domain={domain} data={d} etag={data.etag} />
			</>}</Wait></div> : <Empty>{t('problem.forbidden')}</Empty>}
		</DomainPage>
	);
}
