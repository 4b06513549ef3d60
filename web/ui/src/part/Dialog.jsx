/* Dialog - the browser's own modal: it keeps the focus inside and gives it back
 * afterwards. */
import { useEffect, useId, useRef } from 'preact/hooks';

export function Dialog({ title, onClose, children }) {
	const ref = useRef(null), id = useId();
	useEffect(() => {
		ref.current.showModal();
	}, []);
	return (
		<dialog ref={ref} aria-labelledby={id} onClose={onClose}>
			<h2 id={id}>{title}</h2>
			{children}
		</dialog>
	);
}
