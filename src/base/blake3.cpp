#include "base/blake3.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace dx {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr uint32_t kInitial[8] = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
                                  0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};
constexpr uint32_t kChunkStart = 1, kChunkEnd = 2, kParent = 4, kRoot = 8;
constexpr size_t kChunk = 1024, kBlock = 64, kLanes = 8;

// Order in which the seven rounds read the sixteen message words: each row permutes the one before.
struct Schedule {
  uint8_t word[7][16];
  constexpr Schedule() : word{} {
    constexpr uint8_t step[16] = {2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8};
    for (int i = 0; i < 16; ++i) word[0][i] = uint8_t(i);
    for (int round = 1; round < 7; ++round) {
      for (int i = 0; i < 16; ++i) word[round][i] = word[round - 1][step[i]];
    }
  }
};
constexpr Schedule kSchedule;

typedef uint32_t Vector __attribute__((vector_size(4 * kLanes)));

// One mixing step; Word is a number or a vector of eight.
#define DX_BLAKE3_ROTATE(x, n) (((x) >> (n)) | ((x) << (32 - (n))))
#define DX_BLAKE3_MIX(a, b, c, d, x, y)     \
  v[a] = v[a] + v[b] + (x);                 \
  v[d] = DX_BLAKE3_ROTATE(v[d] ^ v[a], 16); \
  v[c] = v[c] + v[d];                       \
  v[b] = DX_BLAKE3_ROTATE(v[b] ^ v[c], 12); \
  v[a] = v[a] + v[b] + (y);                 \
  v[d] = DX_BLAKE3_ROTATE(v[d] ^ v[a], 8);  \
  v[c] = v[c] + v[d];                       \
  v[b] = DX_BLAKE3_ROTATE(v[b] ^ v[c], 7)

template <typename Word>
inline __attribute__((always_inline)) void rounds(Word* v, const Word* message) {
  for (int round = 0; round < 7; ++round) {
    const uint8_t* at = kSchedule.word[round];
    DX_BLAKE3_MIX(0, 4, 8, 12, message[at[0]], message[at[1]]);
    DX_BLAKE3_MIX(1, 5, 9, 13, message[at[2]], message[at[3]]);
    DX_BLAKE3_MIX(2, 6, 10, 14, message[at[4]], message[at[5]]);
    DX_BLAKE3_MIX(3, 7, 11, 15, message[at[6]], message[at[7]]);
    DX_BLAKE3_MIX(0, 5, 10, 15, message[at[8]], message[at[9]]);
    DX_BLAKE3_MIX(1, 6, 11, 12, message[at[10]], message[at[11]]);
    DX_BLAKE3_MIX(2, 7, 8, 13, message[at[12]], message[at[13]]);
    DX_BLAKE3_MIX(3, 4, 9, 14, message[at[14]], message[at[15]]);
  }
}

void compress(uint32_t chain[8], const uint8_t* block, uint32_t size, uint64_t counter,
              uint32_t flags) {
  uint32_t message[16];
  std::memcpy(message, block, kBlock);
  uint32_t v[16];
  std::copy_n(chain, 8, v);
  std::copy_n(kInitial, 4, v + 8);
  v[12] = uint32_t(counter), v[13] = uint32_t(counter >> 32), v[14] = size, v[15] = flags;
  rounds(v, message);
  for (int i = 0; i < 8; ++i) chain[i] = v[i] ^ v[i + 8];
}

// Eight whole chunks side by side; lane l of every vector belongs to chunk `counter + l`.
void compress_chunks(const uint8_t* input, uint64_t counter, uint32_t out[kLanes][8]) {
  Vector chain[8], counter_low, counter_high;
  for (int i = 0; i < 8; ++i) chain[i] = Vector{} + kInitial[i];
  for (size_t lane = 0; lane < kLanes; ++lane) {
    counter_low[lane] = uint32_t(counter + lane);
    counter_high[lane] = uint32_t((counter + lane) >> 32);
  }
  for (size_t block = 0; block < kChunk / kBlock; ++block) {
    Vector message[16];
    alignas(32) uint32_t words[16][kLanes];
    for (size_t lane = 0; lane < kLanes; ++lane) {
      uint32_t line[16];
      std::memcpy(line, input + lane * kChunk + block * kBlock, kBlock);
      for (int word = 0; word < 16; ++word) words[word][lane] = line[word];
    }
    std::memcpy(message, words, sizeof message);
    uint32_t flags =
        (block == 0 ? kChunkStart : 0) | (block == kChunk / kBlock - 1 ? kChunkEnd : 0);
    Vector v[16];
    for (int i = 0; i < 8; ++i) v[i] = chain[i];
    for (int i = 0; i < 4; ++i) v[8 + i] = Vector{} + kInitial[i];
    v[12] = counter_low, v[13] = counter_high;
    v[14] = Vector{} + uint32_t(kBlock), v[15] = Vector{} + flags;
    rounds(v, message);
    for (int i = 0; i < 8; ++i) chain[i] = v[i] ^ v[i + 8];
  }
  for (size_t lane = 0; lane < kLanes; ++lane) {
    for (int i = 0; i < 8; ++i) out[lane][i] = chain[i][lane];
  }
}

}  // namespace

// A node whose last compression is still open, because the root's carries a flag of its own.
struct Blake3::Output {
  Chain chain;
  uint8_t block[kBlock];
  uint32_t size;
  uint64_t counter;
  uint32_t flags;

  static Output parent(const Chain& left, const Chain& right) {
    Output output;
    std::copy_n(kInitial, 8, output.chain.begin());
    std::memcpy(output.block, left.data(), 32);
    std::memcpy(output.block + 32, right.data(), 32);
    output.size = kBlock, output.counter = 0, output.flags = kParent;
    return output;
  }
  Chain close(uint32_t extra) const {
    Chain result = chain;
    compress(result.data(), block, size, counter, flags | extra);
    return result;
  }
};

Blake3::Blake3() { std::copy_n(kInitial, 8, chain_.begin()); }

void Blake3::add_chunk(Chain chain) {
  ++chunks_done_;
  // As many subtrees are complete now as chunks_done_ has trailing zeros.
  for (uint64_t count = chunks_done_; (count & 1) == 0; count >>= 1) {
    chain = Output::parent(stack_[--stack_size_], chain).close(0);
  }
  stack_[stack_size_++] = chain;
}

void Blake3::absorb_block() {
  compress(chain_.data(), block_, kBlock, chunks_done_, blocks_done_ == 0 ? kChunkStart : 0);
  ++blocks_done_;
  block_size_ = 0;
}

Blake3::Output Blake3::chunk_output() const {
  Output output;
  output.chain = chain_;
  std::memset(output.block, 0, kBlock);
  std::memcpy(output.block, block_, block_size_);
  output.size = block_size_, output.counter = chunks_done_;
  output.flags = (blocks_done_ == 0 ? kChunkStart : 0) | kChunkEnd;
  return output;
}

void Blake3::update(std::span<const uint8_t> input) {
  while (!input.empty()) {
    bool chunk_is_full = blocks_done_ == kChunk / kBlock - 1 && block_size_ == kBlock;
    if (chunk_is_full) {  // and there is more, so it is not the root
      add_chunk(chunk_output().close(0));
      std::copy_n(kInitial, 8, chain_.begin());
      blocks_done_ = block_size_ = 0;
    }
    if (blocks_done_ == 0 && block_size_ == 0 && input.size() > kLanes * kChunk) {
      uint32_t chains[kLanes][8];
      compress_chunks(input.data(), chunks_done_, chains);
      for (auto& lane : chains) {
        Chain chain;
        std::copy_n(lane, 8, chain.begin());
        add_chunk(chain);
      }
      input = input.subspan(kLanes * kChunk);
      continue;
    }
    if (block_size_ == kBlock) absorb_block();
    size_t take = std::min(input.size(), kBlock - block_size_);
    std::memcpy(block_ + block_size_, input.data(), take);
    block_size_ += uint32_t(take);
    input = input.subspan(take);
  }
}

Blake3Digest Blake3::finish() const {
  Output output = chunk_output();
  for (int at = stack_size_ - 1; at >= 0; --at)
    output = Output::parent(stack_[at], output.close(0));
  Chain root = output.close(kRoot);
  Blake3Digest digest;
  std::memcpy(digest.data(), root.data(), digest.size());
  return digest;
}

Blake3Digest blake3(std::span<const uint8_t> input) {
  Blake3 hash;
  hash.update(input);
  return hash.finish();
}

}  // namespace dx
