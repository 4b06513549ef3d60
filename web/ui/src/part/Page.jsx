/* Page - title and h1. The focus moves to the h1 when the path changes, so that
 * a screen reader says where one is and Tab goes on from there. */
import { useEffect, useRef } from 'preact/hooks';

export function Page({ title, heading, actions, className, children }) {
	const ref = useRef(null);
	useEffect(() => {
		document.title = `${title} · ruad`;
	}, [title]);
	useEffect(() => {
		ref.current?.focus({ preventScroll: false });
	}, []);
	return (
		<div class={className ? `page ${className}` : 'page'}>
			<div class="page-head">
				<h1 ref={ref} tabIndex={-1}>{heading ?? title}</h1>
				{actions && <div class="actions">{actions}</div>}
			</div>
			{children}
		</div>
	);
}
