#pragma once
// BLAKE3, the hash that tells whether a file is still the one that was verified. Plain hashing with
// 32 bytes of output; no keys, no longer output.
//
// Input is cut into chunks of 1024 bytes; chunks are the leaves of a binary tree, hashed eight at a
// time with the compiler's vectors. An object belongs to one thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace dx {

using Blake3Digest = std::array<uint8_t, 32>;

class Blake3 {
 public:
  Blake3();
  void update(std::span<const uint8_t> input);
  Blake3Digest finish() const;  // may be called at any time; more input may follow

 private:
  using Chain = std::array<uint32_t, 8>;
  struct Output;
  void add_chunk(Chain chain);
  void absorb_block();
  Output chunk_output() const;

  Chain chain_;             // of the chunk being filled
  uint8_t block_[64] = {};  // its last block, not absorbed yet: it may be the end
  uint32_t block_size_ = 0;
  uint32_t blocks_done_ = 0;
  uint64_t chunks_done_ = 0;
  Chain stack_[54];  // roots of complete subtrees, one for each bit set in chunks_done_
  int stack_size_ = 0;
};

Blake3Digest blake3(std::span<const uint8_t> input);

}  // namespace dx
