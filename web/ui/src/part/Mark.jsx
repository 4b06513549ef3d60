/* Mark - a small shape that means the same as the colour beside it, for those
 * who do not see the colour. Its word stands next to it, so it is hidden from
 * screen readers. */
const SHAPES = {
	good: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zm3.3 4.4-4 5-2.6-2.3',
	bad: 'M8 1.5 15 14H1zM8 6v4M8 11.8v.4',
	warn: 'M8 1.2 14.8 8 8 14.8 1.2 8zM8 4.8v4M8 10.8v.4',
	info: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM8 7v4.2M8 4.6v.4',
	forward: 'M1.5 12.5c0-5 3-6.5 7-6.5V2.5L14.5 8 9 13V9.5c-3 0-5 .5-7.500 3z',
	unknown: 'M2 2h12v12H2zM6 6.2a2 2 0 1 1 3 1.7c-.8.5-1 .8-1 1.600M8 11.400v.4',
	none: 'M3 8h10',
};

export function Mark({ kind }) {
	return (
		<svg class={`mark mark-${kind}`} viewBox="0 0 16 16" width="14"
			height="14" aria-hidden="true" focusable="false">
			<path d={SHAPES[kind] ?? SHAPES.none} />
		</svg>
	);
}
