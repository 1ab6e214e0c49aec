// hnswlib::BruteforceSearch with L2Space, one query at a time, or one a thread.
#include "peer.h"

#include <hnswlib/hnswlib.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

// Threads that wait for the next call, so that starting them is not measured.
class Pool {
 public:
  explicit Pool(int threads) {
    for (int i = 0; i < threads; i++) threads_.emplace_back([this, i] { loop(i); });
  }

  ~Pool() {
    run(nullptr);
    for (auto &thread : threads_) thread.join();
  }

  // Calls work(0), work(1), ... one on each thread, and waits for all of them.
  void run(std::function<void(int)> work) {
    std::unique_lock<std::mutex> lock(mutex_);
    work_ = std::move(work);
    left_ = threads_.size();
    generation_++;
    begin_.notify_all();
    end_.wait(lock, [this] { return left_ == 0; });
  }

 private:
  void loop(int index) {
    size_t seen = 0;
    while (true) {
      std::function<void(int)> work;
      {
        std::unique_lock<std::mutex> lock(mutex_);
        begin_.wait(lock, [&] { return generation_ != seen; });
        seen = generation_;
        work = work_;
      }
      if (work) work(index);
      {
        std::lock_guard<std::mutex> lock(mutex_);
        if (--left_ == 0) end_.notify_one();
      }
      if (!work) return;
    }
  }

  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable begin_, end_;
  std::function<void(int)> work_;
  size_t left_ = 0, generation_ = 0;
};

static std::vector<int32_t> search(hnswlib::BruteforceSearch<float> &index, const float *query, int k) {
  auto queue = index.searchKnn(query, k);
  std::vector<int32_t> ids(queue.size());
  for (size_t i = ids.size(); i-- > 0; queue.pop()) ids[i] = int32_t(queue.top().second);
  return ids;
}

int main(int argc, char **argv) {
  Options options = parse(argc, argv);
  Vectors queries = read_fvecs(options.queries, options.scale);
  Vectors rows = read_fvecs(options.rows, options.scale);
  hnswlib::L2Space space(rows.dimension);
  hnswlib::BruteforceSearch<float> index(&space, rows.count);
  for (size_t i = 0; i < rows.count; i++) index.addPoint(rows.row(i), i);
  std::vector<float>().swap(rows.components);

  size_t step = size_t(options.threads), calls = queries.count / step;
  std::vector<std::vector<int32_t>> answers(calls * step);
  auto answer = [&](size_t query) { answers[query] = search(index, queries.row(query), options.k); };
  std::vector<double> milliseconds;
  if (step == 1) {
    milliseconds = measure(calls, answer);
  } else {
    Pool pool(options.threads);
    milliseconds = measure(calls, [&](size_t call) { pool.run([&, call](int thread) { answer(call * step + size_t(thread)); }); });
  }
  write_ivecs(options.ids, answers);
  report(options, rows, "hnswlib", "a query", milliseconds, double(step),
         "BruteforceSearch, L2Space, compiled here with -O3 -march=native; with more threads, a query on each");
}
