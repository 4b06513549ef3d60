/* RecordText - a record with the places marked that a remark is about. */

/* Pieces of the text: [text, is marked]. Remarks may overlap. */
export function pieces(text, remarks) {
	const marked = new Array(text.length).fill(false);
	for (const r of remarks)
		if (r.pos !== null && r.severity !== 'info')
			marked.fill(true, r.pos, r.pos + Math.max(1, r.len));
	const out = [];
	for (let i = 0; i < text.length; i++) {
		if (i === 0 || marked[i] !== marked[i - 1])
			out.push(['', marked[i]]);
		out[out.length - 1][0] += text[i];
	}
	return out;
}

export const RecordText = ({ text, remarks = [] }) => (
	<pre class="record">{pieces(text, remarks).map(([piece, bad], i) =>
		bad ? <mark key={i}>{piece}</mark> : piece)}</pre>
);
