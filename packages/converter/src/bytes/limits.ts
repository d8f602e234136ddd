/**
 * Every size limit of the readers, with its reason. Besides these, one physical rule holds for each
 * format: a declared length must fit into the bytes that are there, checked before any allocation.
 */

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

/** Tensor bytes handed on at once; also the largest weight shard, tfjs's own default. */
export const CHUNK_BYTES = 4 * MIB;

/** Largest tensor, in bytes. V1 slices end at 2 GiB (a protobuf limit); fc6 of VGG is 0.41 GB. */
export const MAX_TENSOR_BYTES = 16 * GIB;

/** Most dimensions of a tensor; numpy 1 stops at 32, numpy 2 at 64. */
export const MAX_RANK = 32;

/**
 * Most tensors, slices or entries in one file; ResNet-152 with optimizer slots has about 2,400. Each takes
 * some 50 microseconds and 3 KiB until the file is open.
 */
export const MAX_TENSORS = 20_000;

/** Keys of all entries in one table; those of a table share beginnings, so few bytes can mean many. */
export const MAX_KEY_BYTES = 32 * MIB;

/** Longest tensor name, in bytes. */
export const MAX_NAME_BYTES = 4 * KIB;

/**
 * A table block up to this size is read whole; a larger one only streams (VGG's fc6: 411 MB).
 * TensorFlow's writer puts several values into a block only while it is under 768 KiB.
 */
export const MAX_BUFFERED_BLOCK_BYTES = MIB;

/** Decoded size of a Snappy block; TensorFlow cuts blocks at 256 KiB, before a last large value. */
export const MAX_SNAPPY_BLOCK_BYTES = 64 * MIB;

/** Index and metaindex blocks are read whole; one entry is about 40 bytes. */
export const MAX_INDEX_BLOCK_BYTES = 16 * MIB;

/** Memory for recently read table blocks of one file: the small tensors of a ResNet-50 fit. */
export const BLOCK_CACHE_BYTES = 48 * MIB;

/** The `meta` record of a V1 checkpoint (names and shapes only): 2,400 tensors take 250 KiB. */
export const MAX_TABLE_OF_CONTENTS_BYTES = 8 * MIB;

/** Slices of one partitioned variable; TensorFlow cuts one into as many as there are servers. */
export const MAX_SLICES = 2_048;

/** Comparisons of two slices of one variable; cut along one axis, as TensorFlow does it, n slices take n. */
export const MAX_SLICE_COMPARISONS = 100_000;

/**
 * Elements of V1 checkpoints, in bytes, that are one stored value repeated. TensorFlow reads them so; its
 * writer never leaves values out.
 */
export const MAX_FILLED_BYTES = 64 * MIB;

/** The text header of a `.npy`; numpy itself refuses more than 10,000 by default. */
export const MAX_NPY_HEADER_BYTES = 64 * KIB;

/** Opcodes of all pickles in a file; a VGG has about 700, a dict of 30,000 tensors about a million. */
export const MAX_PICKLE_OPCODES = 2_000_000;

/** Containers, byte strings and arrays that these make, of some 200 bytes each; an array takes about 8. */
export const MAX_PICKLE_OBJECTS = 300_000;

/** Text and short byte strings that these keep in memory: names, and elements of small arrays. */
export const MAX_PICKLE_TEXT_BYTES = 32 * MIB;

/** What a pickle remembers to refer to it again: each string and container, in Python 3. */
export const MAX_PICKLE_MEMO = 500_000;

/** Values on the pickle machine's stack, and those that are looked at for arrays. */
export const MAX_PICKLE_VALUES = 1_000_000;

/** Nesting of pickled containers that is followed when tensors are collected. */
export const MAX_PICKLE_DEPTH = 64;

/** Pickled strings up to this size are kept in memory, so that they can be names. */
export const MAX_PICKLE_INLINE_BYTES = 4 * KIB;

/** Text lines of pickle protocol 0, where array bytes are escaped text. */
export const MAX_PICKLE_LINE_BYTES = 16 * MIB;

/** Working window for putting a Fortran-order array into row-major order. */
export const TRANSPOSE_WINDOW_BYTES = 32 * MIB;

/** How often an array may be there again under another name; tied weights are there twice. */
export const MAX_SHARED_ARRAYS = 16;

/** Everything unpacked from one archive; the largest published one holds 0.6 GB. */
export const MAX_UNPACKED_BYTES = 8 * GIB;

/** Members looked at in one archive. */
export const MAX_ARCHIVE_MEMBERS = 10_000;

/** Unpacked bytes per packed byte; deflate's physical end is 1,032, float weights reach 1.3. */
export const MAX_INFLATION_RATIO = 200;

/** The directory of a zip; an entry is about 100 bytes. */
export const MAX_ZIP_DIRECTORY_BYTES = 16 * MIB;

/** A `model.json`: topology, labels and manifest of the largest nets stay under 4 MiB. */
export const MAX_MODEL_JSON_BYTES = 64 * MIB;

/** Levels of lists and objects in it; a model within a model takes five. Core has the same limit. */
export const MAX_JSON_DEPTH = 500;

/** Names and values in it; a net of 1,000 layers has about 60,000. Core has the same limit. */
export const MAX_JSON_VALUES = 1_000_000;

/** Largest file that is downloaded. */
export const MAX_DOWNLOAD_BYTES = 4 * GIB;
