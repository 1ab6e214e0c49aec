using Akka.Streams;
using Akka.Streams.Stage;

namespace Valori.Actors.Streams;

/// <summary>
/// Groups elements up to a number of bytes. While what comes after it is busy, a batch grows; when it is not, a batch that is not full is
/// passed on, unless batches must be the same however fast they are taken.
/// </summary>
/// <param name="isRepeatable">Whether the same elements make the same batches each time: then only the last one may be less than full.</param>
/// <param name="keyOf">What no two elements of a batch may have in common; null if that does not matter.</param>
internal sealed class BatchByBytes<T>(long maximumBytes, int maximumCount, Func<T, long> costOf, bool isRepeatable, Func<T, object?>? keyOf = null)
    : GraphStage<FlowShape<T, IReadOnlyList<T>>>
{
    private readonly long _maximumBytes = maximumBytes;
    private readonly int _maximumCount = maximumCount;
    private readonly Func<T, long> _costOf = costOf;
    private readonly bool _isRepeatable = isRepeatable;
    private readonly Func<T, object?>? _keyOf = keyOf;
    private readonly Inlet<T> _in = new("BatchByBytes.in");
    private readonly Outlet<IReadOnlyList<T>> _out = new("BatchByBytes.out");

    public override FlowShape<T, IReadOnlyList<T>> Shape => new(_in, _out);

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic : InAndOutGraphStageLogic
    {
        private readonly BatchByBytes<T> _stage;
        private readonly HashSet<object> _keys = [];
        private List<T> _batch = [];
        private long _bytes;

        // Asks this stage, by way of its mailbox, whether more has come meanwhile.
        private readonly Action _look;
        private bool _isLooking;
        private long _arrived, _arrivedBefore;

        // Did not fit the batch, which is full then.
        private T? _next;
        private bool _hasNext;

        public Logic(BatchByBytes<T> stage)
            : base(stage.Shape)
        {
            _stage = stage;
            _look = GetAsyncCallback(OnLook);
            SetHandler(stage._in, this);
            SetHandler(stage._out, this);
        }

        private bool IsFull => _hasNext || _bytes >= _stage._maximumBytes || _batch.Count >= _stage._maximumCount;

        public override void PreStart() => Pull(_stage._in);

        public override void OnPush()
        {
            T element = Grab(_stage._in);
            _arrived++;
            long cost = _stage._costOf(element);
            bool isNew = _stage._keyOf?.Invoke(element) is not { } key || !_keys.Contains(key);
            if (_batch.Count == 0 || (isNew && _bytes + cost <= _stage._maximumBytes)) Add(element, cost);
            else (_next, _hasNext) = (element, true);
            GoOn();
        }

        public override void OnPull() => GoOn();

        public override void OnUpstreamFinish() => GoOn();

        private void GoOn()
        {
            bool hasEnded = IsClosed(_stage._in);
            if (_batch.Count > 0 && IsAvailable(_stage._out))
            {
                if (IsFull || hasEnded) PassOn();
                else if (!_stage._isRepeatable) LookSoon();
            }
            if (hasEnded)
            {
                if (_batch.Count == 0) CompleteStage();
            }
            else if (!IsFull && !HasBeenPulled(_stage._in))
            {
                Pull(_stage._in);
            }
        }

        /// <summary>A batch that is not full is passed on when nothing more comes at once: a source that has elements at hand fills it first.</summary>
        private void LookSoon()
        {
            if (_isLooking) return;
            _isLooking = true;
            _arrivedBefore = _arrived;
            _look();
        }

        private void OnLook()
        {
            _isLooking = false;
            if (_batch.Count > 0 && IsAvailable(_stage._out) && _arrived == _arrivedBefore) PassOn();
            GoOn();
        }

        private void PassOn()
        {
            Push(_stage._out, _batch);
            _batch = [];
            _bytes = 0;
            _keys.Clear();
            if (!_hasNext) return;
            Add(_next!, _stage._costOf(_next!));
            (_next, _hasNext) = (default, false);
        }

        private void Add(T element, long cost)
        {
            _batch.Add(element);
            _bytes += cost;
            if (_stage._keyOf?.Invoke(element) is { } key) _keys.Add(key);
        }
    }
}
