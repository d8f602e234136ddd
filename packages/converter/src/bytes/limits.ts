/**
 * All size limits of the readers, each with its reason. In addition, every format has this rule: a declared
 * length must fit into the bytes that are present, which is checked before memory is allocated.
 */

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

/**
 * Bytes of one tensor that are passed on at once. It is also the size of the largest weight shard, tfjs's
 * default.
 */
export const CHUNK_BYTES = 4 * MIB;

/** Largest tensor in bytes. V1 slices are below 2 GiB (a limit of protobuf); VGG's fc6 has 0.41 GB. */
export const MAX_TENSOR_BYTES = 16 * GIB;

/** Most dimensions of a tensor. numpy 1 allows 32, and numpy 2 allows 64. */
export const MAX_RANK = 32;

/**
 * Most tensors, slices or entries in one file. ResNet-152 with the variables of its optimizer has about
 * 2,400. Opening a file takes about 50 microseconds and 3 KiB for each.
 */
export const MAX_TENSORS = 20_000;

/**
 * Most bytes of all keys in one table. Keys share their beginnings in the file, so few bytes can mean many.
 */
export const MAX_KEY_BYTES = 32 * MIB;

/** Longest tensor name, in bytes. */
export const MAX_NAME_BYTES = 4 * KIB;

/**
 * A table block up to this size is read whole, and a larger one is only streamed (VGG's fc6: 411 MB).
 * TensorFlow's writer puts several values into one block only while it is below 768 KiB.
 */
export const MAX_BUFFERED_BLOCK_BYTES = MIB;

/** Decoded size of a Snappy block. TensorFlow ends blocks at 256 KiB, except for one last large value. */
export const MAX_SNAPPY_BLOCK_BYTES = 64 * MIB;

/** Largest index or metaindex block. These are read whole; one entry takes about 40 bytes. */
export const MAX_INDEX_BLOCK_BYTES = 16 * MIB;

/** Memory for recently read table blocks of one file. It is enough for the small tensors of a ResNet-50. */
export const BLOCK_CACHE_BYTES = 48 * MIB;

/** The `meta` record of a V1 checkpoint (names and shapes only): 2,400 tensors take 250 KiB. */
export const MAX_TABLE_OF_CONTENTS_BYTES = 8 * MIB;

/** Most slices of a partitioned variable. TensorFlow makes as many slices as there are servers. */
export const MAX_SLICES = 2_048;

/**
 * Most comparisons between slices of one variable. If the n slices are cut along one axis, as TensorFlow
 * does it, n comparisons are enough.
 */
export const MAX_SLICE_COMPARISONS = 100_000;

/**
 * Most bytes in V1 checkpoints that come from repeating one stored value. TensorFlow reads short lists of
 * values in this way, although its writer never leaves values out.
 */
export const MAX_FILLED_BYTES = 64 * MIB;

/** Largest text header of a `.npy` file. numpy itself refuses more than 10,000 bytes by default. */
export const MAX_NPY_HEADER_BYTES = 64 * KIB;

/**
 * Most opcodes of all pickles in a file. A VGG has about 700, and a dict of 30,000 tensors about a million.
 */
export const MAX_PICKLE_OPCODES = 2_000_000;

/**
 * Most containers, byte strings and arrays that pickles create. Each takes about 200 bytes of memory, and
 * an array consists of about 8 of them.
 */
export const MAX_PICKLE_OBJECTS = 300_000;

/**
 * Most bytes of text and short byte strings that pickles keep in memory: names, and elements of small
 * arrays.
 */
export const MAX_PICKLE_TEXT_BYTES = 32 * MIB;

/** Most entries of a pickle's memo. Python 3 stores every string and container there to refer to it again. */
export const MAX_PICKLE_MEMO = 500_000;

/** Most values on the stack of the pickle machine, and most values that are searched for arrays. */
export const MAX_PICKLE_VALUES = 1_000_000;

/** Deepest nesting of pickled containers that is searched for tensors. */
export const MAX_PICKLE_DEPTH = 64;

/** Pickled strings up to this size are kept in memory, so that they can be names. */
export const MAX_PICKLE_INLINE_BYTES = 4 * KIB;

/** Longest text line of pickle protocol 0, which writes the bytes of arrays as escaped text. */
export const MAX_PICKLE_LINE_BYTES = 16 * MIB;

/** Bytes of the window in which an array in Fortran order is brought into row-major order. */
export const TRANSPOSE_WINDOW_BYTES = 32 * MIB;

/**
 * Bytes of the window in which the elements of a kernel of PyTorch are brought into the order of tfjs. VGG's
 * first dense layer (411 MB) is read once for each window, so five times.
 */
export const STRIDED_WINDOW_BYTES = 96 * MIB;

/** Most bytes that are read at once for such a window. */
export const STRIDED_PIECE_BYTES = 8 * MIB;

/** Most names of one and the same array. Tied weights have two. */
export const MAX_SHARED_ARRAYS = 16;

/** Most bytes that are unpacked from one archive. The largest published archive has 0.6 GB. */
export const MAX_UNPACKED_BYTES = 8 * GIB;

/** Most members of one archive that are looked at. */
export const MAX_ARCHIVE_MEMBERS = 10_000;

/** Most unpacked bytes for each packed byte. Deflate can reach 1,032 at most, and float weights reach 1.3. */
export const MAX_INFLATION_RATIO = 200;

/** Largest directory of a zip. One entry takes about 100 bytes. */
export const MAX_ZIP_DIRECTORY_BYTES = 16 * MIB;

/**
 * Most bytes of headers, lists of names and attributes that are read from one HDF5 file. A DenseNet-201 has
 * 1.5 MiB; the description of the largest nets of Keras is one attribute of 4 MiB.
 */
export const MAX_HDF5_METADATA_BYTES = 128 * MIB;

/** Most groups and data sets of one HDF5 file. Keras writes three for each weight and two for each layer. */
export const MAX_HDF5_OBJECTS = 60_000;

/** Deepest nesting of groups in an HDF5 file. Keras nests two for each model inside a model. */
export const MAX_HDF5_DEPTH = 64;

/** Most messages in the header of one HDF5 object. A group of Keras has three attributes. */
export const MAX_HDF5_MESSAGES = 4_096;

/** Most chunks of one data set. h5py makes chunks of 16 KiB to 1 MiB. */
export const MAX_HDF5_CHUNKS = 500_000;

/** Largest chunk of a data set, and largest row of chunks, which are unpacked in memory. */
export const MAX_HDF5_CHUNK_BYTES = 64 * MIB;

/** Largest `model.weights.h5` that is unpacked in memory. Keras itself stores it without compression. */
export const MAX_INFLATED_WEIGHTS_BYTES = 256 * MIB;

/**
 * Largest header of a `.safetensors` file. The format itself allows 100 MB; one entry takes about 100 bytes.
 */
export const MAX_SAFETENSORS_HEADER_BYTES = 8 * MIB;

/**
 * Most nodes that are read of a graph of TensorFlow and its functions. NASNetLarge has about 20,000, with the
 * nodes that save and restore its variables.
 */
export const MAX_GRAPH_NODES = 200_000;

/** Most nodes of a graph without functions, where a call counts as ten. NASNetLarge has about 8,000. */
export const MAX_FLAT_NODES = 50_000;

/** Most inputs of all nodes of a graph, and arguments of its functions. */
export const MAX_GRAPH_INPUTS = 1_000_000;

/** Most bytes of a graph's nodes, without the values of large constants. NASNetLarge has 6 MiB. */
export const MAX_GRAPH_BYTES = 64 * MIB;

/** Most numbers or texts in one attribute of a node. A pool has four. */
export const MAX_ATTRIBUTE_ITEMS = 4_096;

/** Most signatures of a SavedModel, inputs or outputs of one, tags, and graphs. Models have up to ten. */
export const MAX_SIGNATURES = 256;

/** Deepest nesting of functions that call functions. Keras nests two for each model inside a model. */
export const MAX_CALL_DEPTH = 64;

/** Largest list of names, which a graph has of its variables: 60 bytes for each. */
export const MAX_NAMES_BYTES = 8 * MIB;

/**
 * Largest constant whose numbers stand one by one in its message, and not as bytes, and most bytes that come
 * from repeating a number. TensorFlow writes constants that are not uniform as bytes.
 */
export const MAX_LISTED_BYTES = 64 * MIB;

/** Largest `model.json`. Topology, labels and manifest of the largest nets stay below 4 MiB. */
export const MAX_MODEL_JSON_BYTES = 64 * MIB;

/** Most levels of lists and objects in a `model.json`. A nested model takes five. Core has the same limit. */
export const MAX_JSON_DEPTH = 500;

/**
 * Most names and values in a `model.json`. A net of 1,000 layers has about 60,000. Core has the same limit.
 */
export const MAX_JSON_VALUES = 1_000_000;

/** Largest file that is downloaded. */
export const MAX_DOWNLOAD_BYTES = 4 * GIB;
