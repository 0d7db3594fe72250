// A key that asks for a file, in our own words: the browser's button speaks
// the browser's language.

interface Props {
  words: string;
  /** Kinds of files that are offered, as the accept attribute has them. */
  accept: string;
  take: (file: File) => void;
  /** The name tests and shortcuts find it by. */
  field?: string;
}

/** FileKey is an ordinary file field under a key. */
export function FileKey({ words, accept, take, field }: Props) {
  return (
    <label class="key file">
      {words}
      <input
        type="file"
        accept={accept}
        data-field={field}
        onChange={(e) => {
          const [file] = e.currentTarget.files ?? [];
          if (file) take(file);
          // The same file, mended, is taken again.
          e.currentTarget.value = '';
        }}
      />
    </label>
  );
}
